// The process of a contestant, on any runtime. It does its task once for every line it is sent, and answers with a line: how long
// that took, of the clock and of the processor, and what came out.

import { readFileSync } from 'node:fs';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { contestants, signingKey, verifiers } from './contestants.ts';

/** What is to be done, and how often. */
export interface Task {
  contestant: string;
  do: 'call' | 'pages' | 'records' | 'stream' | 'verify' | 'check';
  /** The folder of the built library, as a URL. */
  dist: string;
  host: string;
  /** How many calls or webhooks a round takes, and how many calls are under way at once. */
  count: number;
  inFlight: number;
  /** How many records a page holds. */
  limit: number;
  /** How long the body of a webhook is. */
  bytes: number;
}

/** What a round gives. Times are in milliseconds, of the clock and of the processor, memory in megabytes. */
export interface Round {
  wall: number;
  cpu: number;
  peak: number;
  result: unknown;
}

const task = JSON.parse(process.argv[2]!) as Task;

/** Gives what a round does, and what it has seen, so that no one wins by doing less. */
async function prepare(): Promise<() => Promise<unknown>> {
  if (task.do === 'verify') return prepareVerify();
  const contestant = await contestants[task.contestant]!(task.host, task.dist);
  switch (task.do) {
    case 'call':
      return async () => {
        let left = task.count;
        let last: unknown;
        const lane = async (): Promise<void> => {
          while (left-- > 0) last = await contestant.call();
        };
        await Promise.all(Array.from({ length: task.inFlight }, lane));
        return (last as { connection_id: string }).connection_id;
      };
    case 'pages':
      return async () => {
        let count = 0;
        let sum = 0;
        await contestant.pages(task.limit, (records) => {
          for (const record of records) {
            count++;
            sum += record.number;
          }
        });
        return [count, sum];
      };
    case 'records':
      return async () => {
        let count = 0;
        let sum = 0;
        await contestant.records!(task.limit, (record) => {
          count++;
          sum += record.number;
        });
        return [count, sum];
      };
    case 'stream':
      return async () => {
        let bytes = 0;
        const reader = contestant.stream!(task.limit).getReader();
        for (;;) {
          const { done, value } = await reader.read();
          if (done) return bytes;
          bytes += value.length;
        }
      };
    case 'check':
      return async () => {
        const records: unknown[] = [];
        await contestant.pages(
          task.limit,
          (page) => void records.push(...page),
        );
        const given = [JSON.stringify(records)];
        if (contestant.records) {
          const single: unknown[] = [];
          await contestant.records(
            task.limit,
            (record) => void single.push(record),
          );
          given.push(JSON.stringify(single));
        }
        if (contestant.stream) {
          const lines = (await new Response(contestant.stream(task.limit)).text()).split(
            '\n',
          ).filter(Boolean);
          given.push(
            JSON.stringify(lines.map((line) => JSON.parse(line) as unknown)),
          );
        }
        const hashes = await Promise.all(
          [...given, JSON.stringify(await contestant.call())].map(hash),
        );
        const [first] = hashes as [string];
        const same = hashes.slice(0, -1).every((each) => each === first);
        return {
          records: same ? first : hashes,
          connection: hashes.at(-1),
          count: records.length,
        };
      };
  }
}

async function hash(text: string): Promise<string> {
  return hex(
    await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)),
  );
}

function hex(bytes: ArrayBuffer): string {
  return Array.from(
    new Uint8Array(bytes),
    (byte) => byte.toString(16).padStart(2, '0'),
  ).join('');
}

async function prepareVerify(): Promise<() => Promise<unknown>> {
  const verify = await verifiers[task.contestant]!(task.dist);
  const text = {
    type: 'sync',
    connectionId: 'c-1',
    providerConfigKey: 'github',
    filler: '',
  };
  text.filler = 'x'.repeat(task.bytes - JSON.stringify(text).length);
  const encoder = new TextEncoder();
  const body = encoder.encode(JSON.stringify(text));
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const imported = await crypto.subtle.importKey(
    'raw',
    encoder.encode(signingKey),
    algorithm,
    false,
    ['sign'],
  );
  const signature = hex(await crypto.subtle.sign('HMAC', imported, body));
  if (
    await verify(
      body,
      signature.replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
    )
  ) {
    throw new Error('A forged webhook passed');
  }
  return async () => {
    let valid = 0;
    for (let index = 0; index < task.count; index++) {
      if (await verify(body, signature)) valid++;
    }
    return valid;
  };
}

/** Gives the most memory that this process has had. What the system says of a child may be its parent's, so /proc comes first. */
function peak(): number {
  try {
    return Number(
      /^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))![1],
    ) / 1024;
  } catch {
    return process.resourceUsage().maxRSS / 1024;
  }
}

const round = await prepare();
for await (const line of createInterface({ input: process.stdin })) {
  if (line !== 'go') break;
  const cpu = process.cpuUsage();
  const start = performance.now();
  const result = await round();
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  console.log(
    JSON.stringify(
      {
        wall,
        cpu: (user + system) / 1000,
        peak: peak(),
        result,
      } satisfies Round,
    ),
  );
}
process.exit();
