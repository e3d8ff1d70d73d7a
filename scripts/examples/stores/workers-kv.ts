// Cursors in Workers KV. Promises at least once: rows live elsewhere, so a page may come again after a crash.
// KV cannot compare and set, and takes one write a second for a key, so pages are large.

import { DurableObject } from 'cloudflare:workers';
import { consumeRecords, createClient } from 'nango-fetch';
import type { RecordsOfModel } from 'nango-fetch';

interface Env {
  CURSORS: KVNamespace;
  ROWS: { save(records: object[]): Promise<void> };
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
    const { CURSORS, ROWS, NANGO_API_KEY, NANGO_HOST } = this.env;
    return consumeRecords(
      createClient({ apiKey: NANGO_API_KEY, host: NANGO_HOST }),
      {
        ...target,
        store: { get: (key) => CURSORS.get(key), set: (key, cursor) => CURSORS.put(key, cursor) },
        handle: (changes) => ROWS.save(Object.values(changes).flat()),
      },
    );
  }
}
