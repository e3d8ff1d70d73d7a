// Never ends: every runner must fail on it.

import { test } from 'uvu';

test('hangs', () => new Promise(() => {}));

test.run();
