// The types of lib/api/syncs.ts, checked by the compiler.

import { createSyncVariant, startSync, syncStatus, triggerSync, updateSyncConnectionFrequency } from '../../lib/mod.ts';
import type { Client, SessionClient } from '../../lib/mod.ts';

/** Never called: it only has to compile. */
export async function compiled(client: Client, session: SessionClient): Promise<void> {
  const connection = { providerConfigKey: 'github', connectionId: 'c-1' };

  void triggerSync(client, { providerConfigKey: 'github', opts: { reset: true, emptyCache: true } });
  void triggerSync(client, { ...connection, syncs: ['a', { name: 'b', variant: 'eu' }], syncMode: 'full_refresh' });
  // @ts-expect-error A typo.
  void triggerSync(client, { ...connection, opts: { resett: true } });
  // @ts-expect-error Either way says what to clear.
  void triggerSync(client, { ...connection, opts: { reset: true }, syncMode: 'full_refresh' });
  // @ts-expect-error There is no such mode.
  void triggerSync(client, { ...connection, syncMode: 'full' });
  // @ts-expect-error Syncs are a list.
  void startSync(client, { ...connection, syncs: 'issues' });
  // @ts-expect-error Only a run can clear something.
  void startSync(client, { ...connection, opts: { reset: true } });

  const { syncs } = await syncStatus(client, { ...connection, syncs: '*' });
  for (const sync of syncs) {
    void (sync.nextScheduledSyncAt satisfies string | null);
    void (sync.recordCount['Issue'] satisfies number | undefined);
    if (sync.status === 'RUNNING') continue;
    // @ts-expect-error It has not always run before.
    void sync.latestResult['Issue'];
  }
  // @ts-expect-error All syncs are meant by *.
  void syncStatus(client, connection);
  // @ts-expect-error A word alone is no list.
  void syncStatus(client, { ...connection, syncs: 'issues' });

  void updateSyncConnectionFrequency(client, { ...connection, syncName: 'a', frequency: null });
  // @ts-expect-error Its own frequency is meant by null.
  void updateSyncConnectionFrequency(client, { ...connection, syncName: 'a' });
  // @ts-expect-error A variant has a name.
  void createSyncVariant(client, { ...connection, name: 'a' });
  // @ts-expect-error A connect session may not.
  void startSync(session, connection);
}
