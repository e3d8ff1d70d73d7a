// Functions of the second kind, and of other libraries of schemas.

import { createFunction } from 'nango-0.71/experimental';
import type * as v from 'valibot';
import * as z from 'zod-4';
import type * as latest from 'zod-4-latest';

export const fetchTasks = createFunction({
  description: 'Fetches tasks',
  data: {
    models: { Task: z.object({ id: z.string(), done: z.boolean() }) },
    metadata: z.object({ project: z.string() }),
  },
  exec: async () => {},
});

/** As an action whose schemas are valibot's. */
export interface AddTask {
  type: 'action';
  input: v.ObjectSchema<{ readonly name: v.StringSchema<undefined> }, undefined>;
  output: v.ObjectSchema<{ readonly id: v.NumberSchema<undefined> }, undefined>;
}

/** As an action whose schemas are those of the newest zod. */
export interface RemoveTask {
  type: 'action';
  input: latest.ZodObject<{ id: latest.ZodString }>;
  output: latest.ZodNull;
}
