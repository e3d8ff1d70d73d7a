// Fails, with a difference to show: every runner must fail on it, and say how the two differ.

import { test } from 'uvu';
import * as assert from 'uvu/assert';

test('passes', () => assert.equal({ a: [1, new Date(0)] }, { a: [1, new Date(0)] }));

test('fails', () => assert.equal({ planted: ['one', 'two'] }, { planted: ['one', 'three'] }));

test.run();
