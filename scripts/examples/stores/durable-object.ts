// Cursors in a Durable Object, beside the rows. Promises exactly once: both are committed together, or neither is.

import { DurableObject } from 'cloudflare:workers';
import { consumeRecords, createClient } from 'nango-fetch';
import type { RecordsOfModel } from 'nango-fetch';

interface Env {
  NANGO_API_KEY: string;
  NANGO_HOST?: string;
}

/** Consumes a model, in one place of the world at a time: `env.CONSUMER.getByName(connectionId + model).consume(…)`. */
export class Consumer extends DurableObject<Env> {
  #running: Promise<unknown> | undefined;

  /** Consumes a model. Who calls while that goes on waits for the same run. */
  async consume(target: RecordsOfModel): Promise<void> {
    await (this.#running ??= this.#run(target).finally(() => (this.#running = undefined)));
  }

  #run(target: RecordsOfModel): Promise<unknown> {
    const { sql, kv } = this.ctx.storage;
    sql.exec('create table if not exists changes (record text not null)');
    return consumeRecords(createClient({ apiKey: this.env.NANGO_API_KEY, host: this.env.NANGO_HOST }), {
      ...target,
      // `handle` keeps the cursor.
      store: { get: (key) => kv.get<string>(key), set: () => {} },
      handle: (changes, { key, cursor }) =>
        this.ctx.storage.transactionSync(() => {
          const records = JSON.stringify(Object.values(changes).flat());
          sql.exec('insert into changes select value from json_each(?)', records);
          kv.put(key, cursor);
        }),
    });
  }
}
