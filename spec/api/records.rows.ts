// The rows of lib/api/records.ts.

import { listRecords, pruneRecords } from '../../lib/mod.ts';
import type { Row } from '../support/row.ts';

const connection = { providerConfigKey: 'my key:v1.0@x ~a', connectionId: 'org/team 1' };
const headers = { 'provider-config-key': 'my key:v1.0@x ~a', 'connection-id': 'org/team 1' };
const unknown = {
  status: 400,
  reason: 'unknown_connection',
  body: { error: { code: 'unknown_connection', message: 'No such connection' } },
};

export const rows: Row[] = [
  {
    name: 'listRecords',
    call: (client, options) =>
      listRecords(
        client,
        {
          ...connection,
          model: 'Widget',
          variant: 'eu',
          cursor: 'YQ==',
          modifiedAfter: '2026-01-02T03:04:05.678901Z',
          limit: 10_000,
          filter: ['added', 'updated'],
          ids: ['a,b', 'ü ☃'],
        },
        options,
      ),
    request: {
      method: 'GET',
      target:
        '/records?model=Widget&variant=eu&cursor=YQ%3D%3D&modified_after=2026-01-02T03%3A04%3A05.678901Z&limit=10000' +
        '&filter=added%2Cupdated&ids=a%2Cb&ids=%C3%BC+%E2%98%83',
      headers,
    },
    answer: { status: 200, body: { next_cursor: null, records: [] } },
    bad: {
      providerConfigKey: (client) => listRecords(client, { ...connection, providerConfigKey: '', model: 'Widget' }),
      connectionId: (client) => listRecords(client, { ...connection, connectionId: 'a\r\nb', model: 'Widget' }),
      model: (client) => listRecords(client, { ...connection } as never),
      ids: (client) => listRecords(client, { ...connection, model: 'Widget', ids: [] }),
      filter: (client) =>
        listRecords(client, { ...connection, model: 'Widget', filter: ['added', 'deleted'] as never }),
    },
    error: unknown,
  },
  {
    name: 'pruneRecords',
    call: (client, options) =>
      pruneRecords(client, { ...connection, model: 'Widget', variant: 'eu', untilCursor: 'YQ==', limit: 5 }, options),
    request: {
      method: 'PATCH',
      target: '/records/prune',
      headers,
      body: { model: 'Widget', variant: 'eu', until_cursor: 'YQ==', limit: 5 },
    },
    answer: { status: 200, body: { count: 5, has_more: true } },
    bad: { untilCursor: (client) => pruneRecords(client, { ...connection, model: 'Widget' } as never) },
    error: unknown,
  },
];
