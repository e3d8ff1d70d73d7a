// Runs the examples with Cloudflare's stores: a Worker whose objects can be killed.

import { DurableObject, WorkerEntrypoint } from 'cloudflare:workers';
import { createClient } from 'nango-fetch';
import { consume } from '../d1.ts';
import { Consumer as ObjectConsumer } from '../durable-object.ts';
import { Consumer as KvConsumer } from '../workers-kv.ts';

interface Env {
  DB: D1Database;
  CURSORS: KVNamespace;
  ROWS: Service<Rows>;
  NANGO_API_KEY: string;
  NANGO_HOST: string;
  KV: DurableObjectNamespace<KvObject>;
  OBJECT: DurableObjectNamespace<StorageObject>;
  D1: DurableObjectNamespace<D1Object>;
}

const target = Object.assign({
  providerConfigKey: 'shop',
  connectionId: 'c-1',
  model: 'Widget',
}, { limit: 100 });
type Row = { id: string; _nango_metadata: { cursor: string } };
const lines = (records: Iterable<Row>): string =>
  [...records].map(({ id, _nango_metadata }) => `${id} ${_nango_metadata.cursor}\n`).join('');

/** Keeps the rows of the store that has cursors only. */
export class Rows extends WorkerEntrypoint<Env> {
  async save(records: object[]): Promise<void> {
    await this.env.DB.prepare('insert into rows select value from json_each(?)')
      .bind(JSON.stringify(records)).run();
  }
}

/** Consumes with Workers KV. */
export class KvObject extends KvConsumer {
  kill(): void {
    this.ctx.abort('killed');
  }
}

/** Consumes with the storage of the object. */
export class StorageObject extends ObjectConsumer {
  kill(): void {
    this.ctx.abort('killed');
  }
  rows(): string {
    const rows = this.ctx.storage.sql.exec<{ record: string }>(
      'select record from changes',
    ).toArray();
    return lines(rows.map(({ record }) => JSON.parse(record) as Row));
  }
}

/** Stands for a Worker that consumes with D1: an object can be killed by itself. */
export class D1Object extends DurableObject<Env> {
  readonly #id = crypto.randomUUID();
  kill(): void {
    this.ctx.abort('killed');
  }
  async consume(name: string): Promise<boolean> {
    const { NANGO_API_KEY: apiKey, NANGO_HOST: host, DB } = this.env;
    return consume(
      createClient({
        apiKey,
        host,
        headers: { 'x-consumer': `${name}/${this.#id}` },
      }),
      DB,
      target,
      1000,
    );
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const [, store, action, name = 'one'] = new URL(request.url).pathname.split(
      '/',
    );
    if (store === 'd1') {
      const object = env.D1.get(env.D1.idFromName(name));
      if (action === 'kill') await object.kill();
      if (action === 'consume') {
        return Response.json(await object.consume(name));
      }
    } else {
      const object = store === 'kv'
        ? env.KV.get(env.KV.idFromName('one'))
        : env.OBJECT.get(env.OBJECT.idFromName('one'));
      if (action === 'kill') await object.kill();
      if (action === 'consume') {
        await object.consume(target);
        return Response.json(true);
      }
    }
    if (action === 'rows' && store === 'object') {
      return new Response(
        await env.OBJECT.get(env.OBJECT.idFromName('one')).rows(),
      );
    }
    const { results } = await env.DB.prepare(
      `select record from ${store === 'd1' ? 'changes' : 'rows'}`,
    ).all<{ record: string }>();
    return new Response(
      lines(results.map(({ record }) => JSON.parse(record) as Row)),
    );
  },
};
