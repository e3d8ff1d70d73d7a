// Leaves a rejection that nobody handles: every runner must fail on it.

import { test } from 'uvu';

test('leaves a rejection', () => {
  void Promise.reject(new Error('planted rejection'));
});

test.run();
