// What the server keeps across restarts: one JSON file, written beside itself and then renamed, so that it is whole at any time.

import { createReadStream, createWriteStream, existsSync, mkdirSync, renameSync } from 'node:fs';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Store, StoredConnection, StoredEnvironment } from '../testing/mod.ts';
import type { Clock } from '../testing/state/clock.ts';
import { recordTable } from '../testing/state/store.ts';
import type { StoredRow } from '../testing/state/records.ts';

/** The code of a deployed function. */
export interface DeployedCode {
  /** The name of the function. */
  name: string;
  /** What it is. */
  type: 'sync' | 'action' | 'on-event';
  /** The unique key of the integration. */
  integration: string;
  /** CommonJS text. */
  code: string;
}

type Json = Record<string, unknown>;
const format = 1;

/** Where the data of a folder is. */
export function dataFile(folder: string): string {
  mkdirSync(resolve(folder), { recursive: true });
  return join(resolve(folder), 'nango.json');
}

/** Writes all that the store holds. A line is one thing, so that neither writing nor reading needs it all at once. */
export async function saveData(file: string, store: Store, codes: Iterable<DeployedCode>): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  const out = createWriteStream(temporary);
  let first = true;
  const line = async (value: unknown): Promise<void> => {
    const room = out.write(`${first ? '' : ',\n'}${JSON.stringify(value)}`);
    first = false;
    if (!room) await once(out, 'drain');
  };
  out.write('[\n');
  await line({ kind: 'format', version: format });
  for (const code of codes) await line({ kind: 'code', ...code });
  for (const environment of store.environments) {
    const { integrations, connections, records, syncs, sessions, ...rest } = environment;
    const { actions: _a, actionQueue: _q, jobs: _j, bundle: _b, agentSessions: _s, functions, ...plain } = rest;
    await line({
      kind: 'environment',
      ...plain,
      functions: functions.map(({ sync: _sync, action: _action, ...definition }) => definition),
    });
    for (const integration of integrations.values()) await line({ kind: 'integration', ...integration });
    for (const connection of connections.values()) await line({ kind: 'connection', ...connection });
    for (const { connection, job, ...sync } of syncs) {
      const last = job?.status === 'RUNNING' ? null : job;
      await line({ kind: 'sync', ...sync, job: last, connection: connection.id });
    }
    for (const session of sessions.values()) await line({ kind: 'session', ...session });
    for (const [key, table] of records) {
      const connection = Number(key.split('\n')[0]);
      for (const row of table.rows()) {
        await line({ kind: 'record', connection, model: table.model, variant: table.variant, row });
      }
    }
  }
  out.end('\n]\n');
  await once(out, 'finish');
  renameSync(temporary, file);
}

/** Reads what was kept into a store. Gives the code of its functions, or `undefined` when nothing was kept. */
export async function loadData(file: string, store: Store, clock: Clock): Promise<DeployedCode[] | undefined> {
  if (!existsSync(file)) return undefined;
  const codes: DeployedCode[] = [];
  const environments: StoredEnvironment[] = [];
  const byId = new Map<number, StoredConnection>();
  let whole = false;
  let number = 0;
  const current = (): StoredEnvironment => {
    const environment = environments.at(-1);
    if (!environment) throw new Error('there is no environment yet');
    return environment;
  };
  const take = ({ kind, ...value }: Json): void => {
    switch (kind) {
      case 'format':
        if (value['version'] !== format) throw new Error(`it has version ${String(value['version'])}, not ${format}`);
        return;
      case 'code':
        codes.push(value as unknown as DeployedCode);
        return;
      case 'environment':
        environments.push({
          ...(value as unknown as StoredEnvironment),
          integrations: new Map(),
          connections: new Map(),
          records: new Map(),
          syncs: [],
          sessions: new Map(),
          actions: new Map(),
          actionQueue: Promise.resolve(),
          jobs: new Map(),
          bundle: new Map(),
          agentSessions: new Map(),
        });
        return;
      case 'integration':
        current().integrations.set(String(value['uniqueKey']), value as never);
        return;
      case 'connection': {
        const connection = value as unknown as StoredConnection;
        byId.set(connection.id, connection);
        current().connections.set(`${connection.providerConfigKey}\n${connection.connectionId}`, connection);
        return;
      }
      case 'session':
        current().sessions.set(String(value['token']), value as never);
        return;
      case 'sync':
      case 'record': {
        const connection = byId.get(value['connection'] as number);
        if (!connection) throw new Error(`there is no connection ${String(value['connection'])}`);
        if (kind === 'sync') current().syncs.push({ ...value, connection } as never);
        else {
          const { model, variant, row } = value as { model: string; variant: string; row: StoredRow };
          recordTable(current(), connection, model, variant, clock).restore(row);
        }
        return;
      }
      default:
        throw new Error(`nothing is called ${String(kind)}`);
    }
  };
  try {
    for await (const text of createInterface({ input: createReadStream(file) })) {
      number += 1;
      if (text === ']') whole = true;
      if (text === '[' || text === ']' || text === '') continue;
      take(JSON.parse(text.replace(/,$/, '')) as Json);
    }
    if (!whole) throw new Error('it ends too early');
  } catch (error) {
    throw new Error(
      `${file} cannot be read (line ${number}: ${(error as Error).message}). Move it away to begin anew.`,
    );
  }
  store.environments.splice(0, store.environments.length, ...environments);
  // Numbers go on where they were.
  for (const environment of environments) {
    bump(store, 'environment', environment.id);
    for (const { id } of environment.connections.values()) bump(store, 'connection', id);
    for (const { id } of environment.integrations.values()) bump(store, 'integration', id);
    for (const { id } of environment.functions) bump(store, 'function', id);
    for (const { id } of environment.keys) bump(store, 'key', id);
  }
  return codes;
}

function bump(store: Store, kind: string, id: number): void {
  while (store.nextId(kind) < id);
}
