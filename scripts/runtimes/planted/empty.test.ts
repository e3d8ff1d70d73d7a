// A suite without tests: every runner must fail on it.

import { suite } from 'uvu';

suite('empty').run();
