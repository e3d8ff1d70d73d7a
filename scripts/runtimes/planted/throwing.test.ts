// Throws while it loads: every runner must fail on it.

throw new Error('planted while loading');
