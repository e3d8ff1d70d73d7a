// Cursors in files, replaced whole, on one machine. Promises at least once: a page may come again after a crash.

import { once } from 'node:events';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { consumeRecords } from 'nango-fetch';
import type { Client, ConsumeRecordsInput, RecordsOfModel } from 'nango-fetch';

/** Consumes a model unless another process does, which gives false. */
export async function consume(
  client: Client,
  folder: string,
  target: RecordsOfModel,
  handle: ConsumeRecordsInput['handle'],
): Promise<boolean> {
  // A named socket is the lock: the system takes it from a process that dies. Linux has them by a leading NUL.
  const name = JSON.stringify([folder, target.connectionId, target.model]).replaceAll(/[^\w-]+/g, '.');
  const lock = createServer().listen(process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : `\0${name}`);
  try {
    await once(lock, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw error;
  }
  await mkdir(folder, { recursive: true });
  const path = (key: string): string => join(folder, encodeURIComponent(key));
  const get = (key: string): Promise<string | null> => readFile(path(key), 'utf8').catch(absent);
  const set = async (key: string, cursor: string): Promise<void> => {
    await writeFile(`${path(key)}.new`, cursor, { flush: true });
    await rename(`${path(key)}.new`, path(key));
  };
  await consumeRecords(client, { ...target, store: { get, set }, handle }).finally(() => lock.close());
  return true;
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
