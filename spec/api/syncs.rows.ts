// The rows of lib/api/syncs.ts.

import {
  createSyncVariant,
  deleteSyncVariant,
  pauseSync,
  startSync,
  syncStatus,
  triggerSync,
  updateSyncConnectionFrequency,
} from '../../lib/mod.ts';
import type { Row } from '../support/row.ts';

const connection = { providerConfigKey: 'my key:v1.0@x ~a', connectionId: 'org/team 1' };
const body = { provider_config_key: 'my key:v1.0@x ~a', connection_id: 'org/team 1' };
const syncs = ['issues', 'issues::eu', { name: 'issues', variant: 'us' }];
const success = { status: 200, body: { success: true } };
const noSyncs = {
  status: 400,
  reason: 'no_syncs_found',
  body: { error: { message: 'No syncs found given the inputs.', code: 'no_syncs_found', payload: {} } },
};
const unknownSync = { status: 400, reason: 'unknown_sync', body: { error: { code: 'unknown_sync' } } };

export const rows: Row[] = [
  {
    name: 'triggerSync',
    call: (client, options) =>
      triggerSync(client, { ...connection, syncs, opts: { reset: true, emptyCache: true } }, options),
    request: {
      method: 'POST',
      target: '/sync/trigger',
      body: { ...body, syncs, opts: { reset: true, emptyCache: true } },
    },
    answer: success,
    bad: {
      providerConfigKey: (client) => triggerSync(client, { connectionId: 'c' } as never),
      connectionId: (client) => triggerSync(client, { ...connection, connectionId: '' }),
      syncs: (client) => triggerSync(client, { ...connection, syncs: [] }),
      emptyCache: (client) => triggerSync(client, { ...connection, opts: { emptyCache: true } }),
    },
    error: {
      status: 404,
      reason: 'unknown_connection',
      body: { error: { message: 'No connection', code: 'unknown_connection', payload: { connectionId: 'c' } } },
    },
  },
  {
    name: 'startSync',
    call: (client, options) => startSync(client, { ...connection, syncs }, options),
    request: { method: 'POST', target: '/sync/start', body: { ...body, syncs } },
    answer: success,
    bad: {
      providerConfigKey: (client) => startSync(client, { syncs } as never),
    },
    error: noSyncs,
  },
  {
    name: 'pauseSync',
    call: (client, options) => pauseSync(client, { ...connection, syncs }, options),
    request: { method: 'POST', target: '/sync/pause', body: { ...body, syncs } },
    answer: success,
    bad: {
      providerConfigKey: (client) => pauseSync(client, { ...connection, providerConfigKey: '' }),
      syncs: (client) => pauseSync(client, { ...connection, syncs: 'issues' as never }),
    },
    error: noSyncs,
  },
  {
    name: 'syncStatus',
    call: (client, options) => syncStatus(client, { ...connection, syncs }, options),
    request: {
      method: 'GET',
      target: '/sync/status?syncs=issues%2Cissues%3A%3Aeu%2Cissues%3A%3Aus' +
        '&provider_config_key=my+key%3Av1.0%40x+%7Ea&connection_id=org%2Fteam+1',
    },
    answer: {
      status: 200,
      body: {
        syncs: [
          {
            id: 'c976c384-dc11-4890-ac5d-3e42926a762d',
            connection_id: 'org/team 1',
            type: 'INITIAL',
            finishedAt: '2026-11-22T17:35:56.795Z',
            nextScheduledSyncAt: null,
            name: 'issues',
            variant: 'base',
            status: 'PAUSED',
            frequency: 'every day',
            latestResult: { Issue: { added: 1, deleted: 3, updated: 10 } },
            latestExecutionStatus: 'SUCCESS',
            recordCount: { Issue: 2503 },
            checkpoint: null,
          },
        ],
      },
    },
    bad: {
      syncs: (client) => syncStatus(client, { ...connection, syncs: [] }),
      providerConfigKey: (client) => syncStatus(client, { syncs: '*' } as never),
    },
    error: {
      status: 400,
      reason: 'invalid_body',
      body: { error: { code: 'invalid_body', message: 'Connection not found' } },
    },
  },
  {
    name: 'updateSyncConnectionFrequency',
    call: (client, options) =>
      updateSyncConnectionFrequency(
        client,
        { ...connection, syncName: 'issues', syncVariant: 'eu', frequency: null },
        options,
      ),
    request: {
      method: 'PUT',
      target: '/sync/update-connection-frequency',
      body: { ...body, sync_name: 'issues', sync_variant: 'eu', frequency: null },
    },
    answer: { status: 200, body: { frequency: 'every day' } },
    bad: {
      providerConfigKey: (client) =>
        updateSyncConnectionFrequency(client, { connectionId: 'c', syncName: 'a', frequency: null } as never),
      connectionId: (client) =>
        updateSyncConnectionFrequency(client, { ...connection, connectionId: '', syncName: 'a', frequency: null }),
      syncName: (client) => updateSyncConnectionFrequency(client, { ...connection, frequency: null } as never),
      frequency: (client) => updateSyncConnectionFrequency(client, { ...connection, syncName: 'a' } as never),
    },
    error: unknownSync,
  },
  {
    name: 'createSyncVariant',
    call: (client, options) => createSyncVariant(client, { ...connection, name: 'issues', variant: 'eu' }, options),
    request: { method: 'POST', target: '/sync/issues/variant/eu', body },
    answer: { status: 200, body: { id: '3c965562-ef2e-4b18-a0dc-ae077f49f3e0', name: 'issues', variant: 'eu' } },
    bad: {
      name: (client) => createSyncVariant(client, { ...connection, name: '..', variant: 'eu' }),
      variant: (client) => createSyncVariant(client, { ...connection, name: 'issues' } as never),
      connectionId: (client) =>
        createSyncVariant(client, { providerConfigKey: 'a', name: 'issues', variant: 'eu' } as never),
    },
    error: {
      status: 400,
      reason: 'sync_variant_already_exists',
      body: { error: { code: 'sync_variant_already_exists' } },
    },
  },
  {
    name: 'deleteSyncVariant',
    call: (client, options) => deleteSyncVariant(client, { ...connection, name: 'issues', variant: 'eu' }, options),
    request: { method: 'DELETE', target: '/sync/issues/variant/eu', body },
    answer: success,
    bad: {
      name: (client) => deleteSyncVariant(client, { ...connection, name: '', variant: 'eu' }),
      providerConfigKey: (client) => deleteSyncVariant(client, { connectionId: 'c', name: 'a', variant: 'b' } as never),
    },
    error: { status: 404, reason: 'not_found', body: { error: { code: 'not_found' } } },
  },
];
