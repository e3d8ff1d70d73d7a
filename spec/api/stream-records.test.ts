// Streaming records as NDJSON: whatever the layout of the JSON and wherever the pieces are cut.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NangoNetworkError, NangoParseError, streamRecords } from '../../lib/mod.ts';
import { json, rejection, scripted, slow } from '../support/support.ts';

const input = { providerConfigKey: 'github', connectionId: 'c-1', model: 'Issue' };

const records: object[] = [
  { id: '1', text: 'braces } ] { [ in "quotes" \\ and \\\\" behind' },
  { id: '2', next_cursor: 'not-mine', '"next_cursor"': '"x"', records: [[{ a: [1, [2, [3]]] }], []] },
  { id: '3', 'ends with \\': 'a\\', 'two \\\\': '\\\\', quote: '"', empty: '' },
  { id: '4', text: '☃ 😀 ü', escaped: '\u0000\u001f\u2028', deep: { a: { b: { c: {} } } } },
  { id: '5', number: -1.5e-7, yes: true, no: false, none: null },
];

/** A response whose body comes in pieces of so many bytes. */
function inPieces(text: string, size: number): Response {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at += size));
    },
  });
  return new Response(body, { headers: { 'content-type': 'application/json' } });
}

async function lines(...responses: Response[]): Promise<unknown[]> {
  const { client } = scripted(responses);
  const text = await new Response(streamRecords(client, input)).text();
  assert.ok(text === '' || text.endsWith('\n'), 'each record has a newline behind it');
  return text.split('\n').slice(0, -1).map((line) => JSON.parse(line));
}

const layouts: Record<string, (next_cursor: string | null, records: object[]) => string> = {
  'as the server writes it': (next_cursor, records) => JSON.stringify({ next_cursor, records }),
  'with the cursor last': (next_cursor, records) => JSON.stringify({ records, next_cursor }),
  'with white space everywhere': (next_cursor, records) =>
    ` \r\n\t${JSON.stringify({ next_cursor, records }, undefined, '\r\n\t').replace(/,\n/g, ' , \n')} \n`,
  'with members that are not known': (next_cursor, records) =>
    JSON.stringify({ a: [{ records: [] }], next_cursor, records, z: { records: [1] } }),
  'with escaped names': (next_cursor, records) =>
    JSON.stringify({ next_cursor, records }).replace('"next_cursor"', '"next\\u005fcursor"'),
  'with a byte order mark': (next_cursor, records) => `\ufeff${JSON.stringify({ next_cursor, records })}`,
};

for (const [name, write] of Object.entries(layouts)) {
  test(`records ${name} come whole, wherever the pieces are cut`, async () => {
    for (const size of [1, 2, 3, 7, 64, 1_000_000]) {
      const pages = [write('c 1', records.slice(0, 3)), write('c2', []), write(null, records.slice(3))];
      assert.equal(await lines(...pages.map((page) => inPieces(page, size))), records, `pieces of ${size}`);
    }
  });
}

test('the bytes of a record are passed on as they are', async () => {
  const record = '{"id":"1",  "big":12345678901234567890, "esc":"\\u00fc\\/"}';
  const { client } = scripted([inPieces(`{"next_cursor":null,"records":[${record}]}`, 5)]);
  assert.is(await new Response(streamRecords(client, input)).text(), `${record}\n`);
});

test('no record gives an empty stream', async () => {
  assert.equal(await lines(json({ next_cursor: null, records: [] })), []);
  assert.equal(await lines(inPieces('{"next_cursor":null,"records":[ \n ]}', 3)), []);
});

test('a page that is cut off fails the stream, wherever that is', async () => {
  const text = JSON.stringify({ next_cursor: null, records: records.slice(0, 2) });
  for (let length = 0; length < text.length; length += 3) {
    const { client } = scripted([inPieces(text.slice(0, length), 16)]);
    const error = await rejection(new Response(streamRecords(client, input)).text());
    // Some browsers put an error of their own in its place.
    assert.instance(error, Error, `after ${length} characters`);
    const { client: again } = scripted([inPieces(text.slice(0, length), 16)]);
    assert.instance(await rejection(streamRecords(again, input).getReader().read()), NangoParseError);
  }
});

test('a body that breaks off fails the stream with a network error', async () => {
  const { client } = scripted([() => {
    const body = slow();
    body.push('{"next_cursor":null,"records":[{"id":"1"},');
    setTimeout(() => body.fail(new TypeError('terminated')));
    return body.response;
  }]);
  assert.instance(await rejection(streamRecords(client, input).getReader().read()), NangoNetworkError);
});

test('HTML is told from JSON that was cut off', async () => {
  const html = new Response('<html>', { headers: { 'content-type': 'text/html' } });
  assert.match(
    (await rejection(streamRecords(scripted([html]).client, input).getReader().read())).message,
    'wrong host',
  );
});

test('canceling ends the request that is under way', async () => {
  const { client, sent } = scripted([json({ next_cursor: 'c1', records: [{ id: '1' }] }), () => new Promise(() => {})]);
  const reader = streamRecords(client, input).getReader();
  await reader.read();
  const pending = reader.read();
  await reader.cancel('enough');
  await pending;
  assert.is(sent.length, 2);
  assert.ok(sent[1]!.signal.aborted);
});

test.run();
