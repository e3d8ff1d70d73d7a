// The Worker with an object that can be killed, and that tells its rows.

import { Consumer as ObjectConsumer } from '../../stores/durable-object.ts';
import worker from '../cloudflare.ts';
import type { Env } from '../cloudflare.ts';

/** Consumes, and dies when it is told to. */
export class Consumer extends ObjectConsumer {
  kill(): void {
    this.ctx.abort('killed');
  }
  rows(): string {
    const rows = this.ctx.storage.sql.exec<{ row: string }>(
      "select record ->> 'id' || ' ' || (record ->> '$._nango_metadata.cursor') as row from changes",
    ).toArray();
    return rows.map(({ row }) => row).join('\n');
  }
}

interface KillableEnv extends Omit<Env, 'CONSUMER'> {
  CONSUMER: DurableObjectNamespace<Consumer>;
}

export default {
  ...worker,
  async fetch(request: Request, env: KillableEnv): Promise<Response> {
    const [, action, name] = new URL(request.url).pathname.split('/');
    if (!name) return worker.fetch(request, env);
    const consumer = env.CONSUMER.get(env.CONSUMER.idFromName(decodeURIComponent(name)));
    if (action === 'kill') await consumer.kill();
    return new Response(await consumer.rows());
  },
};
