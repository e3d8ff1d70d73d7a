// Skips a test without a reason: every runner must fail on it.

import { test } from 'uvu';

test('passes', () => {});
test.skip('is skipped', () => {});

test.run();
