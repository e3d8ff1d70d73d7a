// The contestants: how each of them gets a connection and reads records. Each is loaded in a process of its own, so what they
// import is imported here, when it is its turn.

import { createHandWritten } from './hand-written.ts';

/** A record, as far as it is looked at. */
export interface BenchRecord {
  number: number;
}

interface Page {
  records: BenchRecord[];
  next_cursor: string | null;
}

/** What a contestant does for a host. What it cannot do it does not have. */
export interface Contestant {
  /** Gets a connection. */
  call: () => Promise<unknown>;
  /** Reads all records, and hands them over page by page. */
  pages: (
    limit: number,
    take: (records: BenchRecord[]) => void,
  ) => Promise<void>;
  /** Reads all records, and hands them over one by one. */
  records?: (
    limit: number,
    take: (record: BenchRecord) => void,
  ) => Promise<void>;
  /** Reads all records as NDJSON. */
  stream?: (limit: number) => ReadableStream<Uint8Array>;
}

type Nango = typeof import('../../lib/mod.ts');

const key = '3f6a1d0c-5b0e-4a53-9d3a-0a4f6d9b7c21';
const names = { 'provider-config-key': 'github', 'connection-id': 'c-1' };
const authorization = `Bearer ${key}`;
const input = { providerConfigKey: 'github', connectionId: 'c-1' };

/** Loads a package that is installed beside this, or a file of the built library. */
const load = async <T>(name: string): Promise<T> => (await import(name)) as T;

/** Follows the cursor from page to page, as everyone does who is given one page at a time. */
function followed(
  page: (limit: string, cursor: string | undefined) => Promise<Page>,
): Contestant['pages'] {
  return async (limit, take) => {
    let cursor: string | undefined;
    do {
      const { records, next_cursor }: Page = await page(`${limit}`, cursor);
      take(records);
      cursor = next_cursor ?? undefined;
    } while (cursor);
  };
}

/** The rivals that take a URL and options, each by what it makes of them. */
function general(
  host: string,
  get: (
    url: string,
    query: Record<string, string>,
    headers: Record<string, string>,
  ) => Promise<unknown>,
): Contestant {
  return {
    call: () =>
      get(`${host}/connections/c-1`, { provider_config_key: 'github' }, {
        authorization,
      }),
    pages: followed(async (limit, cursor) =>
      (await get(`${host}/records`, {
        model: 'Issue',
        limit,
        ...(cursor && { cursor }),
      }, {
        authorization,
        ...names,
      })) as Page
    ),
  };
}

function ours(
  nango: Nango,
  client: ReturnType<Nango['createClient']>,
): Contestant {
  const { getConnection, iterateRecordPages, iterateRecords, streamRecords } = nango;
  const of = (limit: number) => ({ ...input, model: 'Issue', limit });
  return {
    call: () => getConnection(client, input),
    async pages(limit, take) {
      for await (
        const { records } of iterateRecordPages<BenchRecord>(client, of(limit))
      ) take(records);
    },
    async records(limit, take) {
      for await (
        const record of iterateRecords<BenchRecord>(client, of(limit))
      ) take(record);
    },
    stream: (limit) => streamRecords(client, of(limit)),
  };
}

/** All contestants by name. `dist` is where the built library is. */
export const contestants: Record<
  string,
  (host: string, dist: string) => Promise<Contestant>
> = {
  async fetch(host) {
    const contestant = general(host, async (url, query, headers) => {
      const response = await fetch(`${url}?${new URLSearchParams(query)}`, {
        headers,
      });
      return response.json();
    });
    // The stream that people write: parse a page, and stringify its records.
    const stream = (limit: number): ReadableStream<Uint8Array> => {
      const encoder = new TextEncoder();
      let cursor: string | null = '';
      return new ReadableStream({
        async pull(controller) {
          const query: Record<string, string> = {
            model: 'Issue',
            limit: `${limit}`,
            ...(cursor && { cursor }),
          };
          const response = await fetch(
            `${host}/records?${new URLSearchParams(query)}`,
            {
              headers: { authorization, ...names },
            },
          );
          const page = (await response.json()) as Page;
          controller.enqueue(
            encoder.encode(
              page.records.map((record) => `${JSON.stringify(record)}\n`).join(
                '',
              ),
            ),
          );
          cursor = page.next_cursor;
          if (!cursor) controller.close();
        },
      }, { highWaterMark: 0 });
    };
    return { ...contestant, stream };
  },

  async 'hand-written'(host) {
    const client = createHandWritten(host, key);
    return {
      call: () =>
        client.get(`/connections/${encodeURIComponent('c-1')}`, {
          provider_config_key: 'github',
        }),
      pages: followed(async (limit, cursor) =>
        (await client.get(
          '/records',
          { model: 'Issue', limit, cursor },
          names,
        )) as Page
      ),
    };
  },

  async 'nango-fetch'(host, dist) {
    const nango = await load<Nango>(`${dist}/mod.js`);
    return ours(nango, nango.createClient({ apiKey: key, host }));
  },

  async 'nango-fetch/undici'(host, dist) {
    const nango = await load<Nango>(`${dist}/mod.js`);
    const { request } = await load<{ request: never }>('undici');
    type Fetch = NonNullable<Parameters<Nango['createClient']>[0]['fetch']>;
    const { fromUndici } = await load<{ fromUndici(request: never): Fetch }>(
      `${dist}/undici/mod.js`,
    );
    return ours(
      nango,
      nango.createClient({ apiKey: key, host, fetch: fromUndici(request) }),
    );
  },

  async '@nangohq/node'(host) {
    interface Official {
      getConnection(
        providerConfigKey: string,
        connectionId: string,
      ): Promise<unknown>;
      listRecords(config: object): Promise<Page>;
    }
    const { Nango } = await load<{ Nango: new (options: object) => Official }>(
      '@nangohq/node',
    );
    const nango = new Nango({ apiKey: key, host });
    return {
      call: () => nango.getConnection('github', 'c-1'),
      pages: followed((limit, cursor) =>
        nango.listRecords({
          ...input,
          model: 'Issue',
          limit: Number(limit),
          cursor,
        })
      ),
    };
  },

  async axios(host) {
    type Get = (url: string, options: object) => Promise<{ data: unknown }>;
    const { default: axios } = await load<{ default: { get: Get } }>('axios');
    return general(
      host,
      async (url, params, headers) => (await axios.get(url, { params, headers })).data,
    );
  },

  async ky(host) {
    type Ky = (url: string, options: object) => { json(): Promise<unknown> };
    const { default: ky } = await load<{ default: Ky }>('ky');
    return general(
      host,
      (url, searchParams, headers) => ky(url, { searchParams, headers }).json(),
    );
  },

  async ofetch(host) {
    const { ofetch } = await load<
      { ofetch(url: string, options: object): Promise<unknown> }
    >('ofetch');
    return general(
      host,
      (url, query, headers) => ofetch(url, { query, headers }),
    );
  },

  async wretch(host) {
    interface Wretch {
      addon(addon: unknown): Wretch;
      query(query: object): Wretch;
      headers(headers: object): Wretch;
      get(): { json(): Promise<unknown> };
    }
    const { default: wretch } = await load<
      { default: (url: string) => Wretch }
    >('wretch');
    const { default: addon } = await load<{ default: unknown }>(
      'wretch/addons/queryString',
    );
    return general(
      host,
      (url, query, headers) => wretch(url).addon(addon).query(query).headers(headers).get().json(),
    );
  },

  async 'undici.request'(host) {
    type Request = (
      url: string,
      options: object,
    ) => Promise<{ body: { json(): Promise<unknown> } }>;
    const { request } = await load<{ request: Request }>('undici');
    return general(host, async (url, query, headers) => {
      const { body } = await request(`${url}?${new URLSearchParams(query)}`, {
        headers,
      });
      return body.json();
    });
  },
};

/** How a webhook is verified. */
type Verify = (
  body: Uint8Array,
  signature: string,
) => boolean | Promise<boolean>;

/** What verifies webhooks, by name: ready to be called, with all that can be prepared. */
export const verifiers: Record<string, (dist: string) => Promise<Verify>> = {
  async 'subtle.verify'() {
    const algorithm = { name: 'HMAC', hash: 'SHA-256' };
    const imported = await crypto.subtle.importKey(
      'raw',
      new TextEncoder().encode(key),
      algorithm,
      false,
      ['verify'],
    );
    let last = '';
    let bytes = new Uint8Array();
    return (body, signature) => {
      // Bare means bare: a signature that was decoded already.
      if (signature !== last) {
        bytes = Uint8Array.from(
          signature.match(/../g)!,
          (byte) => Number.parseInt(byte, 16),
        );
        last = signature;
      }
      return crypto.subtle.verify(
        'HMAC',
        imported,
        bytes,
        body as Uint8Array<ArrayBuffer>,
      );
    };
  },
  async 'node:crypto'() {
    const { createHmac, timingSafeEqual } = await import('node:crypto');
    return (body, signature) => {
      const given = Buffer.from(signature, 'hex');
      const expected = createHmac('sha256', key).update(body).digest();
      return given.length === expected.length &&
        timingSafeEqual(given, expected);
    };
  },
  async 'nango-fetch'(dist) {
    const { verifyWebhook } = await load<
      typeof import('../../lib/webhooks/mod.ts')
    >(`${dist}/webhooks/mod.js`);
    return (body, signature) => verifyWebhook(body, signature, key);
  },
  async '@nangohq/node'() {
    interface Official {
      verifyIncomingWebhookRequest(body: string, headers: object): boolean;
    }
    const { Nango } = await load<{ Nango: new (options: object) => Official }>(
      '@nangohq/node',
    );
    const nango = new Nango({ apiKey: 'key', webhookSigningKey: key });
    // It wants a string, which is made of the bytes that came.
    const decoder = new TextDecoder();
    return (body, signature) =>
      nango.verifyIncomingWebhookRequest(decoder.decode(body), {
        'x-nango-hmac-sha256': signature,
      });
  },
};

/** The key that signs the webhooks. */
export const signingKey: string = key;
