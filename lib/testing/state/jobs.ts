// Jobs: what dry runs and deployments do after their call has been answered, and how they stand.

import { isoTime } from './clock.ts';
import type { Context } from './context.ts';
import type { StoredEnvironment, StoredJob } from './store.ts';

/** Creates a waiting job. `about` is what its state says besides its status and times. */
export function createJob(
  { clock }: Context,
  { jobs }: StoredEnvironment,
  kind: StoredJob['kind'],
  about: Record<string, unknown>,
): StoredJob {
  const created = isoTime(clock.now());
  const job: StoredJob = {
    id: clock.uuid(),
    kind,
    state: { status: 'waiting', ...about, created_at: created, updated_at: created },
  };
  jobs.set(job.id, job);
  return job;
}

/** Ends a job that started when it was created. */
export function finishJob({ clock }: Context, job: StoredJob, { status, ...result }: Record<string, unknown>): void {
  const now = clock.now();
  const started = String(job.state['created_at']);
  Object.assign(job.state, {
    status,
    updated_at: isoTime(now),
    started_at: started,
    completed_at: isoTime(now),
    duration_ms: now - Date.parse(started),
    ...result,
  });
}
