// Works the queue off: any number of these run beside each other, on any number of machines. A job that fails, or whose
// worker dies, goes back into the queue; the cursor tells where the next one continues.

import { Worker } from 'bullmq';
import { createClient, withRateLimit, withRetry } from 'nango-fetch';
import type { ConsumeRecordsInput, RecordsOfModel } from 'nango-fetch';

const { REDIS = '', NANGO_API_KEY = '', NANGO_HOST } = process.env;

/** Consumes a model with one of the stores beside this folder; gives false where another worker has it. */
export type Consume = (target: RecordsOfModel, client: ReturnType<typeof createClient>) => Promise<boolean>;

/** What is done with the changes of a page, for stores that keep cursors only. */
export type Handle = ConsumeRecordsInput['handle'];

/** Starts a worker. */
export function work(consume: Consume): Worker<RecordsOfModel> {
  // One gate for all jobs of the worker: together they keep to the rate limit.
  const client = createClient({
    apiKey: NANGO_API_KEY,
    host: NANGO_HOST,
    fetch: withRetry({ fetch: withRateLimit() }),
  });
  return new Worker<RecordsOfModel>(
    'records',
    async (job) => {
      // A job may start twice where its worker was only slow; the lock of the store lets one of them through.
      if (!(await consume(job.data, client))) throw new Error('another worker has it');
    },
    // A job whose worker does not show up for five seconds is given to another one.
    { connection: { path: REDIS }, concurrency: 8, lockDuration: 5000, stalledInterval: 1000, maxStalledCount: 10 },
  );
}
