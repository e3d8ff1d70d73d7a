// Receives Nango's webhooks, and queues a job for each model of a connection that changed.

import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { Queue } from 'bullmq';
import { recordsOf } from 'nango-fetch';
import { verifyWebhook } from 'nango-fetch/webhooks';
import type { NangoWebhook } from 'nango-fetch/webhooks';

const { REDIS = '', WEBHOOK_SIGNING_KEY = '', PORT = '0' } = process.env;
const queue = new Queue('records', { connection: { path: REDIS } });

const server = createServer(async (request, response) => {
  const body = await buffer(request);
  const signature = request.headers['x-nango-hmac-sha256'];
  if (!(await verifyWebhook(body, `${signature}`, WEBHOOK_SIGNING_KEY))) return response.writeHead(401).end();
  const event = JSON.parse(`${body}`) as NangoWebhook;
  if (event.type === 'sync' && event.success) {
    // Nango sends a webhook again where this fails, so the job is in the queue before the answer is out.
    await queue.add('changed', recordsOf(event), {
      attempts: 50,
      backoff: { type: 'exponential', delay: 250, jitter: 0.5 },
      removeOnFail: false,
    });
  }
  return response.end();
});
server.listen(Number(PORT), '127.0.0.1', () => {
  const address = server.address();
  if (address && typeof address === 'object') console.log(`listening on http://127.0.0.1:${address.port}`);
});
