// What is inferred from functions, checked by the compiler: with real packages of Nango, zod 3 and 4, valibot.

import {
  consumeRecords,
  createClient,
  createSyncVariant,
  getAsyncActionResult,
  getConnection,
  getMetadata,
  iterateRecordPages,
  iterateRecords,
  listRecords,
  pauseSync,
  recordsOf,
  setMetadata,
  startSync,
  syncStatus,
  triggerAction,
  triggerActionAsync,
  triggerSync,
  updateMetadata,
  updateSyncConnectionFrequency,
  waitForAction,
} from 'nango-fetch';
import type { Client, ListRecordsResult } from 'nango-fetch';
import type { SyncWebhook } from 'nango-fetch/webhooks';
import type * as old from './functions/v0.60.ts';
import type * as current from './functions/v0.71.ts';
import type { AddTask, fetchTasks, RemoveTask } from './functions/others.ts';

interface Functions {
  'github-old': { fetchIssues: typeof old.fetchIssues; createIssue: typeof old.createIssue; ping: typeof old.ping };
  github: {
    fetchIssues: typeof current.fetchIssues;
    createIssue: typeof current.createIssue;
    ping: typeof current.ping;
  };
  tasks: { fetchTasks: typeof fetchTasks; addTask: AddTask; removeTask: RemoveTask };
}

/** Tells whether two types are one. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
const same = <A, B>(_: Same<A, B>): void => {};

export async function typed(event: SyncWebhook): Promise<void> {
  const client = createClient<Functions>({ apiKey: 'key' });
  const at = { connectionId: 'c-1' };
  for (const providerConfigKey of ['github', 'github-old'] as const) {
    const { records } = await listRecords(client, { ...at, providerConfigKey, model: 'GithubIssue' });
    const [record] = records;
    void (record!.title satisfies string);
    void (record!.closed satisfies boolean | undefined);
    void (record!._nango_metadata.cursor satisfies string);
    // @ts-expect-error A typo in a member.
    void record!.titel;
    const output = await triggerAction(client, {
      ...at,
      providerConfigKey,
      actionName: 'createIssue',
      input: { title: 'a' },
    });
    void (output.number satisfies number);
    const pong = await triggerAction(client, { ...at, providerConfigKey, actionName: 'ping' });
    same<typeof pong, string>(true);
    const metadata = await getMetadata(client, { ...at, providerConfigKey });
    void (metadata!.repository satisfies string);
    void (metadata!.locale satisfies string);
    // @ts-expect-error No function reads it.
    void metadata!.other;
    await setMetadata(client, { ...at, providerConfigKey, metadata: { repository: 'a/b', locale: 'en' } });
    // @ts-expect-error A member is missing: `updateMetadata` sets some.
    await setMetadata(client, { ...at, providerConfigKey, metadata: { repository: 'a/b' } });
    await updateMetadata(client, { ...at, providerConfigKey, metadata: { repository: 'a/b' } });
    // @ts-expect-error A typo in a member.
    await updateMetadata(client, { ...at, providerConfigKey, metadata: { repo: 'a/b' } });
  }
  const github = { ...at, providerConfigKey: 'github' } as const;

  const user = await listRecords(client, { ...github, model: 'GithubUser' });
  void (user.records[0]!.login satisfies string);
  // @ts-expect-error No such integration.
  await listRecords(client, { ...at, providerConfigKey: 'gitlab', model: 'GithubIssue' });
  // @ts-expect-error No such model.
  await listRecords(client, { ...github, model: 'GithubIsue' });
  // @ts-expect-error The model of another integration.
  await listRecords(client, { ...github, model: 'Task' });
  // @ts-expect-error No such option.
  await listRecords(client, { ...github, model: 'GithubIssue', page: 2 });
  for await (const issue of iterateRecords(client, { ...github, model: 'GithubIssue' })) {
    void (issue.title satisfies string);
  }
  for await (const page of iterateRecordPages(client, { ...github, model: 'GithubIssue' })) {
    void (page.records[0]!.title satisfies string);
  }
  await consumeRecords(client, {
    ...github,
    model: 'GithubIssue',
    store: new Map<string, string>(),
    handle: ({ added, deleted }, { cursor }) => {
      void (added[0]!.title satisfies string);
      void (deleted[0]!.title satisfies string | undefined);
      void (cursor satisfies string);
      // @ts-expect-error A typo in a member.
      void added[0]!.titel;
    },
  });

  // @ts-expect-error A member of the input is missing.
  await triggerAction(client, { ...github, actionName: 'createIssue', input: {} });
  // @ts-expect-error A typo in a member of the input.
  await triggerAction(client, { ...github, actionName: 'createIssue', input: { title: 'a', label: [] } });
  // @ts-expect-error The input is missing.
  await triggerAction(client, { ...github, actionName: 'createIssue' });
  // @ts-expect-error A sync is no action.
  await triggerAction(client, { ...github, actionName: 'fetchIssues' });
  const run = await triggerActionAsync(client, { ...github, actionName: 'createIssue', input: { title: 'a' } });
  const waited = await waitForAction(client, { ...run, timeout: 1000 });
  same<typeof waited, { number: number }>(true);
  void ((await getAsyncActionResult(client, run)).number satisfies number);

  for (const operate of [startSync, pauseSync, triggerSync] as const) void operate;
  await startSync(client, {
    ...github,
    syncs: ['fetchIssues', 'fetchIssues::mine', { name: 'fetchIssues', variant: 'x' }],
  });
  // @ts-expect-error No such sync.
  await startSync(client, { ...github, syncs: ['fetchIsues'] });
  // @ts-expect-error An action is no sync.
  await pauseSync(client, { ...github, syncs: [{ name: 'createIssue', variant: 'x' }] });
  await triggerSync(client, { ...github, syncs: ['fetchIssues'], opts: { reset: true } });
  await syncStatus(client, { ...github, syncs: '*' });
  // @ts-expect-error No such sync.
  await syncStatus(client, { ...github, syncs: ['fetchIsues'] });
  await updateSyncConnectionFrequency(client, { ...github, syncName: 'fetchIssues', frequency: null });
  // @ts-expect-error No such sync.
  await createSyncVariant(client, { ...github, name: 'fetchIsues', variant: 'x' });

  const tasks = await listRecords(client, { ...at, providerConfigKey: 'tasks', model: 'Task' });
  void (tasks.records[0]!.done satisfies boolean);
  const task = await triggerAction(client, {
    ...at,
    providerConfigKey: 'tasks',
    actionName: 'addTask',
    input: { name: 'a' },
  });
  same<typeof task, { id: number }>(true);
  const nothing = await triggerAction(client, {
    ...at,
    providerConfigKey: 'tasks',
    actionName: 'removeTask',
    input: { id: '1' },
  });
  same<typeof nothing, null>(true);
  void ((await getMetadata(client, { ...at, providerConfigKey: 'tasks' }))!.project satisfies string);

  const changed = recordsOf<Functions>(event);
  if (changed.providerConfigKey === 'tasks') {
    const { records } = await listRecords(client, changed);
    void (records[0]!.done satisfies boolean);
  }

  // An explicit type argument wins.
  const own = await listRecords<{ mine: number }>(client, { ...at, providerConfigKey: 'any', model: 'Any' });
  same<typeof own, ListRecordsResult<{ mine: number }>>(true);
  void ((await triggerAction<{ mine: number }>(client, {
    ...at,
    providerConfigKey: 'any',
    actionName: 'any',
    input: 7,
  })).mine);
  // A client with functions fits where one without them does.
  void getConnection(client, { providerConfigKey: 'anything', connectionId: 'c-1' });
  void untyped(client);
}

/** Without functions, everything is as it is without this. */
export async function untyped(client: Client): Promise<void> {
  const target: { providerConfigKey: string; connectionId: string; model: string } = {
    providerConfigKey: 'a',
    connectionId: 'c-1',
    model: 'b',
  };
  const { records } = await listRecords(client, target);
  same<typeof records, ListRecordsResult['records']>(true);
  void (records[0]!['anything'] satisfies unknown);
  const output = await triggerAction(
    client,
    { ...target, actionName: 'a' } as { providerConfigKey: string; connectionId: string; actionName: string },
  );
  same<typeof output, unknown>(true);
  const wrapped = await wrap<{ title: string }>(client);
  same<typeof wrapped, ListRecordsResult<{ title: string }>>(true);
}

/** A function of one's own around an operation. */
function wrap<T extends object>(client: Client): Promise<ListRecordsResult<T>> {
  return listRecords<T>(client, { providerConfigKey: 'a', connectionId: 'c-1', model: 'b' });
}
