// A hook that throws, which uvu swallows: every runner must fail on it.

import { test } from 'uvu';

test.before(() => {
  throw new Error('planted in a hook');
});
test('never runs', () => {});

test.run();
