// Bad arguments: each is a TypeError that names the argument, and nothing is sent.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createClient,
  createSessionClient,
  deleteConnection,
  getConnection,
  iterateConnections,
  iterateRecordPages,
  iterateRecords,
  listConnections,
  listRecords,
  pruneAllRecords,
  pruneRecords,
  verifyIncomingWebhookRequest,
} from '../../lib/mod.ts';
import type { Client } from '../../lib/mod.ts';
import { apiKey, rejection, scripted } from '../support/support.ts';

const wrongTypes = [null, 5, true, {}, [], () => {}, Symbol('s'), 5n, NaN];
const required = [undefined];
const control = ['a\nb', 'a\r\nx-evil: 1', 'a\0', '\t', 'a\x7f', '\x1b[0m'];
const notAscii = ['ü', '日本', '👩‍🚀', 'a\u2028b', 'a\u00a0b', '\ud800', 'é'];
const pathLike = ['.', '..'];
const trimmed = [' ', ' a', 'a '];

/** Values that are bad for an argument, by what the argument is. */
const id = [...wrongTypes, '', ...control, ...notAscii, ...pathLike, ...trimmed];
const object = [null, 5, 'text', true, Symbol('s')];

const connection = { providerConfigKey: 'github', connectionId: 'c-1' };
const records = { ...connection, model: 'Issue' };
const prune = { ...records, untilCursor: 'c9' };

interface Case {
  call: (client: Client, input: unknown, options?: unknown) => unknown;
  /** An input that is good. */
  good: object | undefined;
  /** The values that are bad, by the member of the input. */
  members: Record<string, unknown[]>;
}

const ofConnection = { providerConfigKey: [...required, ...id], connectionId: [...required, ...id] };
const ofList = {
  ...ofConnection,
  model: [...required, ...id],
  filter: [['added', 'deleted'], ['deleted', 'updated'], 'updated,deleted', 'DELETED,added'],
  ids: [null, 5, 'text', {}, []],
  modelName: ['Issue'],
};
const ofPrune = { ...ofConnection, model: [...required, ...id], untilCursor: [undefined, null] };
const ofConnections = {
  integrationId: [...id.filter((value) => !Array.isArray(value)), [], ['github', '']],
  tags: [null, 5, 'text', true, ['a']],
  tag: [{ a: 'b' }],
};
const next = (items: AsyncGenerator) => items.next();

const cases: Record<string, Case> = {
  listRecords: { call: listRecords as never, good: records, members: ofList },
  iterateRecords: { call: (...args) => next((iterateRecords as Function)(...args)), good: records, members: ofList },
  iterateRecordPages: {
    call: (...args) => next((iterateRecordPages as Function)(...args)),
    good: records,
    members: ofList,
  },
  pruneRecords: {
    call: pruneRecords as never,
    good: prune,
    members: ofPrune,
  },
  pruneAllRecords: {
    call: pruneAllRecords as never,
    good: prune,
    members: ofPrune,
  },
  listConnections: {
    call: listConnections as never,
    good: undefined,
    members: ofConnections,
  },
  iterateConnections: {
    call: (...args) => next((iterateConnections as Function)(...args)),
    good: undefined,
    members: ofConnections,
  },
  getConnection: {
    call: getConnection as never,
    good: connection,
    members: ofConnection,
  },
  deleteConnection: {
    call: deleteConnection as never,
    good: connection,
    members: ofConnection,
  },
};

/** Tells whether the platform takes a value for headers. */
function isTaken(value: object): boolean {
  try {
    return Boolean(new Headers(value as never));
  } catch {
    return false;
  }
}

const options: Record<string, unknown[]> = {
  headers: [
    5,
    'text',
    true,
    { 'a b': 'c' },
    { a: 'b\r\nc: d' },
    [['a']],
    // Headers of workerd take these.
    ...[{ a: 'ü☃' }, { '': 'x' }, new Map([['ü', 'x']])].filter((value) => !isTaken(value)),
  ],
};

async function refused(call: () => unknown, argument: string, value: unknown): Promise<void> {
  const shown = `${argument}: ${typeof value === 'string' ? JSON.stringify(value.slice(0, 20)) : typeof value}`;
  const error = await rejection(call);
  assert.instance(error, TypeError, `${shown} is a TypeError, not ${error}`);
  assert.ok(error.message.includes(argument), `${shown}: "${error.message}" names it`);
  assert.match(error.message, / must /, shown);
}

for (const [name, { call, good, members }] of Object.entries(cases)) {
  test(`${name} refuses bad members of its input`, async () => {
    const { client, sent } = scripted([]);
    for (const [member, values] of Object.entries(members)) {
      for (const value of values) await refused(() => call(client, { ...good, [member]: value }), member, value);
    }
    assert.is(sent.length, 0);
  });

  test(`${name} refuses what is no input`, async () => {
    const { client, sent } = scripted([]);
    for (const value of good ? [undefined, ...object] : object) {
      await refused(() => call(client, value), 'input', value);
    }
    assert.is(sent.length, 0);
  });

  test(`${name} refuses bad options`, async () => {
    const { client, sent } = scripted([]);
    for (const [member, values] of Object.entries(options)) {
      for (const value of values) await refused(() => call(client, good ?? {}, { [member]: value }), member, value);
    }
    for (const value of object) await refused(() => call(client, good ?? {}, value), 'options', value);
    assert.is(sent.length, 0);
  });

  test(`${name} refuses what is no client`, async () => {
    for (const value of [undefined, null, 5, 'text', {}, { apiKey }]) {
      await refused(() => call(value as never, good ?? {}), 'client', value);
    }
  });
}

test('createClient refuses bad options', async () => {
  for (
    const [member, values] of Object.entries({
      apiKey: [undefined, 5, true, {}, [], '', ' ', 'a\n', 'ü', 'a\0', Symbol('s')],
      host: [
        null,
        5,
        {},
        '',
        'api.nango.dev',
        '//host.example',
        'https://a.example:99999',
        'http://[::1',
        '../x',
        'ftp://a.example',
        'https://',
        'https:///',
        'https:///x',
        'https://a b.example',
        'https://a.example\n',
        'https://a.example?x=1',
        'https://a.example#x',
        'https://user:secret@a.example',
        'javascript:alert(1)',
        'https://?',
        new URL('https://a.example'),
      ],
      headers: options['headers']!,
      secretKey: [apiKey],
    })
  ) {
    for (const value of values) await refused(() => createClient({ apiKey, [member]: value } as never), member, value);
  }
  for (const value of [undefined, ...object]) await refused(() => createClient(value as never), 'options', value);
});

test('createSessionClient refuses bad options', async () => {
  const token = `nango_connect_session_${'0a'.repeat(32)}`;
  for (
    const [member, values] of Object.entries({
      token: [undefined, null, 5, '', apiKey, `${token}\n`, `${token}?`, `${token}&a=b`, 'nango_connect_session_'],
      host: ['api.nango.dev', 5],
      secretKey: [apiKey],
    })
  ) {
    for (const value of values) {
      await refused(() => createSessionClient({ token, [member]: value } as never), member, value);
    }
  }
  for (const value of [undefined, ...object]) {
    await refused(() => createSessionClient(value as never), 'options', value);
  }
});

test('verifyIncomingWebhookRequest refuses bad arguments', async () => {
  const client = createClient({ apiKey, webhookSigningKey: 'k' });
  const headers = { 'x-nango-hmac-sha256': '0'.repeat(64) };
  for (const value of [undefined, null, 5, 'text', {}]) {
    await refused(() => verifyIncomingWebhookRequest(value as never, '', headers), 'client', value);
  }
  for (const value of [undefined, null, 5, true, {}, []]) {
    await refused(() => verifyIncomingWebhookRequest(client, value as never, headers), 'body', value);
  }
  for (const value of [undefined, null, 5, 'text', true]) {
    await refused(() => verifyIncomingWebhookRequest(client, '', value as never), 'headers', value);
  }
});

test('ids may be all that is good in a header and a path', async () => {
  for (
    const value of [
      'a',
      '...',
      '.a',
      'a/b',
      'a b',
      '~!@$%&*()_+=?#',
      '"',
      '\\',
      'x'.repeat(255),
      '0',
      '__proto__',
    ]
  ) {
    const { client, sent } = scripted([new Response('{}')]);
    await getConnection(client, { providerConfigKey: value, connectionId: value });
    assert.is(decodeURIComponent(sent[0]!.url.pathname.slice('/connections/'.length)), value);
    assert.is(sent[0]!.url.searchParams.get('provider_config_key'), value);
  }
});

test.run();
