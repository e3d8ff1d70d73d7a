// Functions as users write them, for nango 0.60.

import { createAction, createSync } from 'nango-0.60';
import * as z from 'zod';

const Issue = z.object({ id: z.string(), title: z.string(), closed: z.boolean().optional() });

export const fetchIssues = createSync({
  description: 'Fetches issues',
  version: '1.0.0',
  frequency: 'every hour',
  endpoints: [{ method: 'GET', path: '/issues', group: 'g' }],
  syncType: 'incremental',
  models: { GithubIssue: Issue, GithubUser: z.object({ id: z.string(), login: z.string() }) },
  metadata: z.object({ repository: z.string() }),
  exec: async (nango) => {
    await nango.batchSave([{ id: '1', title: 'a' }], 'GithubIssue');
  },
});

export const createIssue = createAction({
  description: 'Creates an issue',
  version: '1.0.0',
  endpoint: { method: 'POST', path: '/issues', group: 'g' },
  input: z.object({ title: z.string(), labels: z.array(z.string()).default([]) }),
  output: z.object({ number: z.number() }),
  metadata: z.object({ locale: z.string() }),
  exec: async (_nango, input) => ({ number: input.labels.length }),
});

export const ping = createAction({
  description: 'Pings',
  version: '1.0.0',
  endpoint: { method: 'POST', path: '/issues', group: 'g' },
  input: z.void(),
  output: z.string(),
  exec: async () => 'pong',
});
