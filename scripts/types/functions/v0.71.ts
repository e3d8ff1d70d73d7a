// Functions as users write them, for nango 0.71.

import { createAction, createSync } from 'nango-0.71';
import * as z from 'zod-4';

const Issue = z.object({ id: z.string(), title: z.string(), closed: z.boolean().optional() });

export const fetchIssues = createSync({
  description: 'Fetches issues',
  version: '1.0.0',
  frequency: 'every hour',

  models: { GithubIssue: Issue, GithubUser: z.object({ id: z.string(), login: z.string() }) },
  metadata: z.object({ repository: z.string() }),
  exec: async (nango) => {
    await nango.batchSave([{ id: '1', title: 'a' }], 'GithubIssue');
  },
});

export const createIssue = createAction({
  description: 'Creates an issue',
  version: '1.0.0',

  input: z.object({ title: z.string(), labels: z.array(z.string()).default([]) }),
  output: z.object({ number: z.number() }),
  metadata: z.object({ locale: z.string() }),
  exec: async (_nango, input) => ({ number: input.labels.length }),
});

export const ping = createAction({
  description: 'Pings',
  version: '1.0.0',

  input: z.void(),
  output: z.string(),
  exec: async () => 'pong',
});
