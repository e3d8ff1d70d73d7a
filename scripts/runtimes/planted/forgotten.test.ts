// A test that is never run: every runner must fail on it.

import { test } from 'uvu';

test('is forgotten', () => {});
