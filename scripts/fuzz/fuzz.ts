// Bad input by the hundred thousand: `npm run fuzz`, or `npm run fuzz -- --seed 7 --inputs 50000`. Every exported function
// of every entry gets arguments of which some are wrong, answers that are odd, or both. Each call must end in an error of
// ours (a TypeError with a sentence of its own, a NangoError), in what the caller's own code threw, or in an answer.

import { WebhookRefusedError } from '../../lib/webhooks/mod.ts';
import { Buffer } from 'node:buffer';
import { parseArgs } from 'node:util';
import { createRandom } from './random.ts';
import type { Random } from './random.ts';
import { targets } from './targets.ts';
import type { Target } from './targets.ts';

const { values } = parseArgs({
  options: { seed: { type: 'string' }, inputs: { type: 'string' }, only: { type: 'string' } },
});
const seed = Number(values.seed ?? 1);
const inputs = Number(values.inputs ?? 200_000);

/** What the engine says where nobody has looked at an argument. */
const engine =
  /cannot read|is not a function|is not iterable|cannot convert|cannot destructure|cannot mix|invalid array length|call stack|unexpected (token|end)|not valid json|circular|bigint|symbol value|null or undefined|is not defined|has no setter|read.only|not extensible|private member|illegal|cannot create|cannot delete|cannot assign|Invalid URL|Failed to (parse|construct|execute)|Received|must be one of type/i;

/**
 * What JavaScript says itself, and says well enough: of values that are neither text nor JSON (symbols, bigints, circles,
 * objects without a prototype), and of a client, a signal or an onResponse that is none, which it calls by its name.
 */
const tolerated =
  /^(Cannot convert (a Symbol value|a BigInt|object to primitive)|Cannot mix BigInt|Do not know how to serialize a BigInt|Converting circular structure|(signal\?\.(add|remove)EventListener|onResponse|client\.fetch) is not a function)/;

/** What went wrong, once for each target and message. */
const problems = new Map<string, string>();
const unhandled: unknown[] = [];
process.on('unhandledRejection', (reason) => unhandled.push(reason));

/** Says what is wrong with an error, if anything. */
function complaint(error: unknown, allowed: Target['allowed']): string | undefined {
  if (error instanceof Error && Symbol.for('nango-fetch.error') in error) {
    try {
      JSON.stringify(error);
      return engine.test(error.message) && !allowed?.test(error.message)
        ? `its message is the engine's: ${error.message}`
        : undefined;
    } catch (failure) {
      return `toJSON() throws ${String(failure)}`;
    }
  }
  if ((error as { planted?: boolean } | null)?.planted || error instanceof WebhookRefusedError) return undefined;
  if (!(error instanceof TypeError)) return `a ${(error as Error)?.name ?? typeof error}: ${safe(error)}`;
  if (tolerated.test(error.message)) return undefined;
  if (engine.test(error.message) && !allowed?.test(error.message)) return `the engine's: ${error.message}`;
  return undefined;
}

function safe(value: unknown): string {
  try {
    return String((value as Error)?.message ?? value).slice(0, 200);
  } catch {
    return Object.prototype.toString.call(value);
  }
}

/** Makes one call and checks how it ends. */
async function attempt(target: Target, random: Random, at: string): Promise<'answered' | 'refused' | 'failed'> {
  const report = (what: string): void => {
    const key = `${target.name}: ${what.replace(/\d+/g, 'n').slice(0, 120)}`;
    if (!problems.has(key)) problems.set(key, `${target.name} (${at}): ${what}`);
  };
  const run = target.prepare(random);
  let result: unknown;
  try {
    result = run();
  } catch (error) {
    const wrong = complaint(error, target.allowed);
    if (wrong) report(wrong);
    else if (target.async) report(`throws before it gives a promise: ${safe(error)}`);
    return 'refused';
  }
  let watchdog: ReturnType<typeof setTimeout> | undefined;
  const hung = new Promise((resolve) => (watchdog = setTimeout(() => resolve(hung), 20_000)));
  try {
    if ((await Promise.race([result, hung])) === hung) report('hangs');
    return 'answered';
  } catch (error) {
    const wrong = complaint(error, target.allowed);
    if (wrong) report(wrong);
    return error instanceof TypeError ? 'refused' : 'failed';
  } finally {
    clearTimeout(watchdog);
  }
}

const clean = Reflect.ownKeys(Object.prototype).length + Reflect.ownKeys(Array.prototype).length;
const begin = performance.now();
const chosen = targets.filter(({ name }) => !values.only || name.includes(values.only));
const rows = new Map(chosen.map(({ name }) => [name, { answered: 0, refused: 0, failed: 0, time: 0 }]));
let done = 0;
for (let round = 0; done < inputs; round++) {
  for (const target of chosen) {
    const batch = Math.min(target.batch ?? 20, inputs - done);
    const start = performance.now();
    await Promise.all(Array.from({ length: batch }, async (_, index) => {
      const number = round * 100 + index;
      const random = createRandom(seed * 1e6 + number * 131 + Buffer.byteLength(target.name));
      rows.get(target.name)![await attempt(target, random, `seed ${seed}, input ${number}`)]++;
    }));
    done += batch;
    rows.get(target.name)!.time += performance.now() - start;
  }
  if (Reflect.ownKeys(Object.prototype).length + Reflect.ownKeys(Array.prototype).length !== clean) {
    problems.set('prototype', `a prototype was changed in round ${round}`);
    break;
  }
}
await new Promise((resolve) => setTimeout(resolve, 50));
for (const reason of unhandled) {
  problems.set(`unhandled ${safe(reason)}`, `a rejection that nobody handles: ${safe(reason)}`);
}

for (const [name, { answered, refused, failed, time }] of rows) {
  const counts = Object.entries({ answered, refused, failed }).map(([word, count]) =>
    `${`${count}`.padStart(6)} ${word}`
  );
  console.log(`${name.padEnd(44)} ${counts.join(' ')} ${time.toFixed(0).padStart(7)} ms`);
}
for (const problem of problems.values()) console.log(`PROBLEM ${problem}`);
const seconds = ((performance.now() - begin) / 1000).toFixed(1);
console.log(`${done} inputs to ${chosen.length} functions in ${seconds} s, seed ${seed}: ${problems.size} problems`);
console.log(`${done - problems.size} passed, ${problems.size} failed`);
process.exit(problems.size ? 1 : 0);
