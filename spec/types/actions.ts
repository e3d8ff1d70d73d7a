// The types of lib/api/actions.ts, checked by the compiler.

import { getAsyncActionResult, triggerAction, triggerActionAsync, waitForAction } from '../../lib/mod.ts';
import type { Client, SessionClient } from '../../lib/mod.ts';

interface NewIssue {
  title: string;
  labels?: string[];
}

interface Issue extends NewIssue {
  id: number;
}

/** Never called: it only has to compile. */
export async function compiled(client: Client, session: SessionClient): Promise<void> {
  const action = { providerConfigKey: 'github', connectionId: 'c-1', actionName: 'create-issue' };

  // Without types, nothing is known of the output.
  const unknown = await triggerAction(client, { ...action, input: { title: 'a' } });
  // @ts-expect-error It has to be checked first.
  void unknown.id;

  const issue = await triggerAction<Issue, NewIssue>(client, { ...action, input: { title: 'a' } });
  void (issue.id satisfies number);
  // @ts-expect-error A typo in the output.
  void issue.titel;
  // @ts-expect-error A typo in the input.
  void triggerAction<Issue, NewIssue>(client, { ...action, input: { titel: 'a' } });
  void ((await triggerAction<Issue>(client, { ...action, input: 7 })) satisfies Issue);
  void ((await triggerAction<number | null>(client, action)) satisfies number | null);
  // @ts-expect-error The name is in camelCase.
  void triggerAction(client, { ...action, action_name: 'a' });

  const run = await triggerActionAsync<NewIssue>(client, { ...action, input: { title: 'a' }, maxRetries: 3 });
  // @ts-expect-error A typo in the input.
  void triggerActionAsync<NewIssue>(client, { ...action, input: { title: 'a', label: [] } });
  // @ts-expect-error Only what is queued is run again.
  void triggerAction(client, { ...action, maxRetries: 3 });
  void ((await waitForAction<Issue>(client, { ...run, timeout: 1000 })) satisfies Issue);
  void getAsyncActionResult(client, run);
  void getAsyncActionResult(client, { statusUrl: run.statusUrl });
  // @ts-expect-error Some run must be named.
  void getAsyncActionResult(client, {});
  // @ts-expect-error Some run must be named.
  void waitForAction(client, { timeout: 1000 });
  // @ts-expect-error A connect session may not.
  void triggerAction(session, action);
  // @ts-expect-error A connect session may not.
  void waitForAction(session, run);
}
