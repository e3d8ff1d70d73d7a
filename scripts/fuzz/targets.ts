// What is fuzzed: every exported function of every entry, each with arguments that would be right, of which some are
// then spoilt, over a server whose answers may be odd too.

import { request as undiciRequest } from 'undici';
import * as compat from '../../lib/compat/mod.ts';
import * as gatewayEntry from '../../lib/gateway/mod.ts';
import * as main from '../../lib/mod.ts';
import * as testing from '../../lib/testing/mod.ts';
import * as undiciEntry from '../../lib/undici/mod.ts';
import * as webhooks from '../../lib/webhooks/mod.ts';
import { mutated, oddObject, oddValue } from './random.ts';
import type { Random } from './random.ts';

/** A function that is fuzzed. */
export interface Target {
  name: string;
  /** Makes the arguments of one call. */
  prepare(random: Random): () => unknown;
  /** Whether it has to give a promise, whatever it gets. */
  async: boolean;
  /** Messages that look like an engine's and are not, or are the platform's own where it is asked by the caller. */
  allowed?: RegExp;
  /** How many calls run at once. Defaults to 20. */
  batch?: number;
}

const apiKey = '7c1d0f6e-2a4b-4c8d-9e0f-5b6a7c8d9e0f';
const token = `nango_connect_session_${'0a'.repeat(32)}`;
const host = 'https://api.nango.dev/base';
const never = (value: unknown): never => value as never;

/** Members that inputs have, with a value that is right. Which of them a function takes is learnt from what it refuses. */
const members: Record<string, unknown> = {
  providerConfigKey: 'github',
  connectionId: 'c-1',
  model: 'Issue',
  variant: 'v',
  cursor: 'abc',
  limit: 10,
  modifiedAfter: '2026-01-01T00:00:00Z',
  ids: ['1'],
  filter: 'added',
  uniqueKey: 'github',
  provider: 'github',
  name: 'name',
  id: 'b635fda5-9ebd-4120-b8f7-dcf59a5c7f51',
  actionName: 'run',
  input: { a: 1 },
  syncs: ['issues'],
  frequency: 'every hour',
  tags: { end_user_id: 'u' },
  metadata: { a: 1 },
  body: { display_name: 'x' },
  type: 'sync',
  token,
  endpoint: '/x',
  method: 'POST',
  store: new Map<string, string>(),
  handle: () => {},
  credentials: { type: 'API_KEY', apiKey: 'x' },
  username: 'u',
  password: 'p',
  code: 'export default 1;',
  functionName: 'f',
  until: 'pruned',
  untilCursor: 'abc',
  interval: 1,
  timeout: 5,
  message: {},
};

/** A server whose answers are odd. It refuses requests that leave the host or the template of their operation. */
function oddServer(random: Random): main.Fetch {
  let requests = 0;
  return async (url, { operation, signal, method }) => {
    const [verb, template] = operation.split(' ') as [string, string];
    const path = template.replace(/\/proxy\/\{endpoint\}/, '/proxy/.*').replace(/\{\w+\}/g, '[^/?#]+');
    if (
      verb !== method || !new RegExp(`^${host}${path}(\\?.*)?$`, 's').test(url) || new URL(url).href.indexOf(host) !== 0
    ) {
      // No TypeError, so that it is no refusal.
      throw new RangeError(`a request left its path: ${method} ${url} of ${operation}`);
    }
    signal.throwIfAborted();
    if (++requests > 3 || random.chance(0.1)) {
      throw Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNRESET' }, planted: true });
    }
    const status = random.pick([200, 200, 200, 201, 202, 204, 302, 400, 401, 404, 424, 429, 500, 503]);
    const bodies = [
      () => JSON.stringify(jsonValue(random)),
      () =>
        JSON.stringify({ records: jsonValue(random), connections: jsonValue(random), next_cursor: jsonValue(random) }),
      () =>
        JSON.stringify({
          records: [jsonValue(random)],
          connections: [jsonValue(random)],
          next_cursor: random.chance(0.3) ? 'c' : null,
        }),
      () =>
        JSON.stringify({
          error: {
            code: jsonValue(random),
            message: jsonValue(random),
            errors: jsonValue(random),
            payload: jsonValue(random),
          },
        }),
      () =>
        JSON.stringify({
          error: jsonValue(random),
          credentials: jsonValue(random),
          data: jsonValue(random),
          has_more: random.chance(0.5),
        }),
      () => random.pick(['', '{', '[]', 'null', '"x"', '<html>', '\uFEFF{}', '[[[[', '{"__proto__":{"polluted":1}}']),
    ];
    const headers = {
      'content-type': random.pick(['application/json', 'text/html', 'application/x-ndjson', 'nonsense']),
      ...(random.chance(0.3) && { 'retry-after': random.pick(['0', '1', 'soon', '-1', '1e999']) }),
      ...(random.chance(0.2) && { 'x-ratelimit-reset': '1', 'x-ratelimit-limit': random.pick(['0', '5', 'x']) }),
    };
    return new Response(/204|304/.test(`${status}`) ? null : random.pick(bodies)(), { status, headers });
  };
}

/** A value as JSON has them. */
function jsonValue(random: Random): unknown {
  try {
    return JSON.parse(JSON.stringify(oddValue(random)) ?? 'null');
  } catch {
    return random.pick([null, [], {}, [null], 5, 'x', [[]], { a: [] }]);
  }
}

/** The options of a call. */
function callOptions(random: Random): unknown {
  if (random.chance(0.6)) return undefined;
  const aborted = AbortSignal.abort(Object.assign(new Error('aborted'), { planted: true }));
  return mutated(random, {
    signal: random.chance(0.2) ? aborted : new AbortController().signal,
    timeout: 1000,
    headers: { 'x-a': 'b' },
    onResponse: () => {},
  });
}

/** Fuzzes an operation: `name(client, input, options)`. What it needs is learnt from its refusals. */
function operation(name: string, call: (...args: never[]) => unknown, isAsync: boolean): Target {
  const known = new Set(['providerConfigKey', 'connectionId']);
  return {
    name,
    async: isAsync,
    prepare: (random) => {
      const options = { apiKey, host, fetch: oddServer(random), timeout: 1000 };
      const client = random.chance(0.02)
        ? oddValue(random)
        : random.chance(0.1)
        ? main.createSessionClient({ token, host, fetch: options.fetch })
        : main.createClient(options);
      const input = mutated(random, Object.fromEntries([...known].map((member) => [member, members[member]])));
      // Nobody waits for a minute here.
      if (/^waitFor/.test(name) && typeof input === 'object' && input) {
        Object.assign(input, {
          interval: random.pick<unknown>([1, 1, 0, 'x']),
          timeout: random.pick<unknown>([5, 5, -1, null]),
        });
      }
      const args = [client, input, callOptions(random)];
      return () => {
        const given = call(...(args as never[]));
        const ended = collected(given);
        if (ended instanceof Promise) {
          ended.catch((error: unknown) => {
            const message = error instanceof TypeError ? error.message : '';
            const asked = /^(\w+) must/.exec(message)?.[1];
            if (asked && asked in members) known.add(asked);
            const refused = /must not have (?:the member )?(\w+)/.exec(message)?.[1];
            if (refused) known.delete(refused);
          });
        }
        return ended;
      };
    },
  };
}

/** Reads what a call gives to its end: iterators and streams too. */
function collected(value: unknown): unknown {
  if (value instanceof ReadableStream) return new Response(value).text();
  const iterable = value as Partial<AsyncIterable<unknown>> | null | undefined;
  if (typeof iterable?.[Symbol.asyncIterator] !== 'function') return value;
  return (async () => {
    let items = 0;
    for await (const _ of iterable as AsyncIterable<unknown>) if (++items > 100) break;
    return items;
  })();
}

/** Fuzzes a function with arguments of its own. */
function target(name: string, isAsync: boolean, prepare: Target['prepare'], more: Partial<Target> = {}): Target {
  return { name, async: isAsync, prepare, ...more };
}

const factories: Record<string, Record<string, unknown>> = {
  createClient: { apiKey, host, fetch: () => {}, headers: { a: 'b' }, timeout: 5, webhookSigningKey: 'k' },
  createSessionClient: { token, host, fetch: () => {}, timeout: 5 },
  withRetry: { fetch: () => {}, limit: 1, maxDelay: 5, random: () => 0, sleep: async () => {}, onRetry: () => {} },
  withRateLimit: { fetch: () => {} },
  withHooks: {
    fetch: () => {},
    request: () => {},
    response: () => {},
    error: () => {},
    retry: () => {},
    wait: () => {},
  },
};

const event = {
  from: 'nango',
  type: 'sync',
  connectionId: 'c',
  providerConfigKey: 'p',
  model: 'M',
  modifiedAfter: 'x',
  success: true,
};
const notOperations = /^(Nango\w*Error|isNangoError|recordsOf|verifyIncomingWebhookRequest|createProxyFetch)$/;
/** Functions that are no operation and give no promise. */
const sync = /^(streamRecords|iterate\w+)$/;

const emulator = testing.createEmulator({ integrations: [{ unique_key: 'github', provider: 'github' }] } as never);

/** Every function that is fuzzed. */
export const targets: Target[] = [
  ...Object.entries(main)
    .filter(([name, value]) => typeof value === 'function' && !notOperations.test(name) && !factories[name])
    .map(([name, value]) => operation(name, value as (...args: never[]) => unknown, !sync.test(name))),
  ...Object.entries(factories).map(([name, valid]) =>
    target(name, false, (random) => {
      const make = main[name as 'withRetry'];
      const options = mutated(random, valid);
      return () => make(options as never);
    })
  ),
  target('a fetch of withRetry, withRateLimit and withHooks', true, (random) => {
    const server: main.PlatformFetch = async () => {
      const headers = {
        'retry-after': random.pick(['0', 'x', '1e9']),
        'x-ratelimit-limit': random.pick(['x', '-1', '1e9']),
      };
      return new Response(null, { status: random.pick([200, 503, 500]), headers });
    };
    const fetch = main.withHooks({
      fetch: main.withRetry({
        fetch: main.withRateLimit({ fetch: server }),
        sleep: async () => {},
        limit: 2,
        maxDelay: 2000,
      }),
      response: () => oddValue(random),
    });
    const init = {
      method: random.pick(['GET', 'POST', 'PUT']),
      operation: random.pick(['GET /x', 'GET /proxy/{endpoint}']),
    };
    return () => fetch('https://x.example/y', init);
  }, { allowed: /./, batch: 4 }),
  target('isNangoError', false, (random) => {
    const value = oddValue(random);
    return () => main.isNangoError(value);
  }),
  target('recordsOf', false, (random) => {
    const input = mutated(random, event);
    return () => main.recordsOf(never(input));
  }),
  target('createProxyFetch', true, (random) => {
    const client = main.createClient({ apiKey, host, fetch: oddServer(random), timeout: 1000 });
    const input = mutated(random, { providerConfigKey: 'github', connectionId: 'c-1' });
    const url = random.chance(0.7)
      ? random.pick(['/x', '/x?y=z', 'https://api.example/x', '//evil.example', ' /x'])
      : oddValue(random);
    const init = random.chance(0.5) ? undefined : mutated(random, { method: 'POST', body: 'x', headers: { a: 'b' } });
    // What it takes is what the platform's fetch takes, and so is what it says of what it does not.
    return async () => (await main.createProxyFetch(client, never(input))(never(url), never(init))).text();
  }, { allowed: /./ }),
  target('verifyIncomingWebhookRequest', true, (random) => {
    const client = main.createClient({ apiKey, webhookSigningKey: 'k' });
    const args = [
      random.chance(0.5) ? '{"a":1}' : oddValue(random),
      random.chance(0.5) ? { 'x-nango-hmac-sha256': 'ab' } : oddValue(random),
    ];
    return () => main.verifyIncomingWebhookRequest(client, never(args[0]), never(args[1]));
  }),
  ...Object.entries(webhooks).filter(([, value]) => typeof value === 'function' && !/^class /.test(`${value}`)).map((
    [name, value],
  ) =>
    target(`webhooks: ${name}`, /^(verify|read|sign)/.test(name), (random) => {
      const request = new Request('https://x.example/', {
        method: 'POST',
        body: JSON.stringify(jsonValue(random)) ?? '',
        headers: { 'x-nango-hmac-sha256': random.pick(['ab', 'a'.repeat(64), '', 'x']) },
      });
      const options = mutated(random, { keys: ['k'], on: { auth: () => {}, sync: () => {}, unknown: () => {} } });
      const args = /^create/.test(name)
        ? [options]
        : /^read/.test(name)
        ? [random.chance(0.8) ? request : oddValue(random), random.chance(0.8) ? 'k' : oddValue(random)]
        : [
          random.chance(0.6) ? random.pick(['{}', new Uint8Array(3), new ArrayBuffer(2)]) : oddValue(random),
          random.chance(0.6) ? 'a'.repeat(64) : oddValue(random),
          random.chance(0.6) ? random.pick(['k', ['k', 'l']]) : oddValue(random),
        ];
      return () => {
        const given = (value as (...args: unknown[]) => unknown)(...args);
        return typeof given === 'function' ? given(request) : given;
      };
    })
  ),
  target('gateway: createGateway', true, (random) => {
    const client = main.createClient({ apiKey, host, fetch: oddServer(random), timeout: 1000 });
    const options = mutated(random, {
      client,
      allow: ['listRecords', 'listConnections', 'triggerAction'],
      authorize: () => (random.chance(0.8)
        ? { connections: [{ providerConfigKey: 'github', connectionId: 'c-1' }] }
        : jsonValue(random)),
    });
    const path = random.pick([
      '/records',
      '/connections/../records',
      '/records?model=%',
      '/%2e%2e/x',
      '//x',
      '/action/trigger',
      '/proxy/x',
    ]);
    const method = random.pick(['GET', 'POST', 'DELETE', 'OPTIONS']);
    const body = method === 'POST' ? { body: JSON.stringify(jsonValue(random)) } : {};
    return async () => {
      let handle;
      try {
        handle = gatewayEntry.createGateway(never(options));
      } catch (error) {
        if (error instanceof TypeError) return error.message;
        throw error;
      }
      return (await handle(new Request(`https://app.example${path}`, { method, ...body }))).text();
    };
  }),
  target('undici: fromUndici', false, (random) => {
    const args = [random.chance(0.5) ? undiciRequest : oddValue(random), random.chance(0.5) ? {} : oddObject(random)];
    return () => undiciEntry.fromUndici(never(args[0]), never(args[1]));
  }),
  target('testing: the fetch of an emulator', true, (random) => {
    const path = random.pick([
      '/connections',
      '/records',
      '/connections/c-1',
      '/sync/trigger',
      '/action/trigger',
      '/integrations',
      '/connect/sessions',
      '/proxy/x',
      '/x',
      '/functions',
    ]);
    const query = random.chance(0.5)
      ? `?${new URLSearchParams({
        limit: `${JSON.stringify(jsonValue(random))}`,
        [`${random.pick(['cursor', 'tags[a]', 'model', '__proto__[x]'])}`]: 'x',
      })}`
      : '';
    const method = random.pick(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD']);
    const init = {
      method,
      headers: {
        authorization: `Bearer ${random.chance(0.9) ? emulator.apiKey : 'x'}`,
        'content-type': 'application/json',
        'provider-config-key': 'github',
        'connection-id': random.pick(['c-1', 'x']),
      },
      ...(method === 'GET' || method === 'HEAD'
        ? {}
        : { body: random.pick([JSON.stringify(jsonValue(random)), '{', '']) }),
    };
    return async () => {
      const response = await emulator.fetch(emulator.host + path + query, init);
      if (response.status === 500 && /server_error/.test(await response.clone().text())) return;
      await response.text();
    };
  }),
  target('testing: createEmulator', false, (random) => {
    const seed = mutated(random, {
      integrations: [{ unique_key: 'github', provider: 'github' }],
      connections: [jsonValue(random)],
      apiKey,
    });
    return () => testing.createEmulator(never(seed));
  }),
  target('compat: new Nango', false, (random) => {
    const args = [mutated(random, { secretKey: apiKey, host }), random.chance(0.8) ? undefined : oddValue(random)];
    return () => new compat.Nango(never(args[0]), never(args[1]));
  }, { allowed: /./ }),
  ...Object.getOwnPropertyNames(compat.Nango.prototype)
    // The class waits for a connection for a minute, as the original does; the function beneath is fuzzed.
    .filter((name) => !/^(constructor|waitForConnection)$/.test(name))
    .map((name) =>
      target(`compat: ${name}`, false, (random) => {
        const nango = new compat.Nango({ secretKey: apiKey, host }, { fetch: oddServer(random) as never });
        const args = Array.from({ length: random.below(5) }, () =>
          random.chance(0.5)
            ? random.pick<unknown>(['github', 'c-1', ['issues'], {
              model: 'Issue',
              providerConfigKey: 'github',
              connectionId: 'c-1',
            }])
            : oddValue(random));
        // The official client checks less than this, and says what the engine says, and so may the class.
        return () =>
          (nango[name as never] as (...args: unknown[]) => unknown)(...args);
      }, { allowed: /./ })
    ),
];
