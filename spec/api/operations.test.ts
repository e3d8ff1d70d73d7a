// Every operation: what it sends, what it gives back, what it refuses, and how it fails.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as main from '../../lib/mod.ts';
import { checkRow } from '../support/row.ts';
import { rows as all } from './rows.ts';

for (const row of all) test(row.name, () => checkRow(row));

/** What the main entry exports beside operations, and what is built on one; the specs of each are named after its file. */
const others = [
  ...[
    'createClient',
    'createSessionClient',
    'isNangoError',
    'withHooks',
    'withRateLimit',
    'withRetry',
    'verifyIncomingWebhookRequest',
  ],
  ...['NangoApiError', 'NangoError', 'NangoNetworkError', 'NangoParseError', 'NangoTimeoutError'],
  ...['consumeRecords', 'createProxyFetch', 'iterateFunctions', 'iterateRecordPages', 'iterateRecords'],
  ...['pruneAllRecords', 'recordsOf', 'streamRecords'],
];

test('every export is an operation with a row, or is known to be none', () => {
  const rows = all.map(({ name }) => name);
  assert.equal([...new Set(rows)].sort(), [...rows].sort(), 'no operation has two rows');
  assert.equal(Object.keys(main).sort(), [...rows, ...others].sort());
});

test('every row tries a bad argument, where there is an argument', () => {
  const without = all.filter(({ bad }) => !bad || !Object.keys(bad).length).map(({ name }) => name);
  assert.equal(without.sort(), []);
});

test.run();
