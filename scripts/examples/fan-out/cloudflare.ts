// The same on Cloudflare: a Worker receives webhooks, a queue spreads them, and an object for each model of a connection
// consumes it, with cursor and rows in its own storage.

import { recordsOf } from 'nango-fetch';
import type { RecordsOfModel } from 'nango-fetch';
import { verifyWebhook } from 'nango-fetch/webhooks';
import type { NangoWebhook } from 'nango-fetch/webhooks';
import type { Consumer } from '../stores/durable-object.ts';

/** What the Worker is bound to. */
export interface Env {
  QUEUE: Queue<RecordsOfModel>;
  CONSUMER: DurableObjectNamespace<Consumer>;
  WEBHOOK_SIGNING_KEY: string;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const body = await request.arrayBuffer();
    const signature = request.headers.get('x-nango-hmac-sha256');
    if (!(await verifyWebhook(body, signature, env.WEBHOOK_SIGNING_KEY))) return new Response(null, { status: 401 });
    const event = JSON.parse(new TextDecoder().decode(body)) as NangoWebhook;
    if (event.type === 'sync' && event.success) await env.QUEUE.send(recordsOf(event));
    return new Response();
  },

  async queue(batch: MessageBatch<RecordsOfModel>, env: Env): Promise<void> {
    await Promise.all(batch.messages.map(async (message) => {
      const { providerConfigKey, connectionId, model } = message.body;
      const name = JSON.stringify([providerConfigKey, connectionId, model]);
      const consumer = env.CONSUMER.get(env.CONSUMER.idFromName(name));
      // Where the object dies, the queue sends the message again.
      await consumer.consume(message.body).then(() => message.ack(), () => message.retry({ delaySeconds: 1 }));
    }));
  },
};
