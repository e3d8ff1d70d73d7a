// What the check scripts share: named checks, counted, and an exit code that tells.

let passed = 0;
let failed = 0;

/**
 * Runs a check, and tells whether it passed. It fails by throwing; the text it gives, if any, is printed beside its
 * name.
 */
export async function check(name: string, act: () => unknown): Promise<boolean> {
  try {
    const detail = await act();
    passed += 1;
    console.log(`  ok    ${name}${typeof detail === 'string' ? `: ${detail}` : ''}`);
    return true;
  } catch (error) {
    failed += 1;
    const text = error instanceof Error ? error.message : String(error);
    console.log(`  FAIL  ${name}\n${text.trim().replace(/^/gm, '          ')}`);
    return false;
  }
}

/** Counts one of many alike, of which only the failures are worth a line. */
export function count(ok: boolean, failure: string): void {
  if (ok) passed += 1;
  else {
    failed += 1;
    console.log(`  FAIL  ${failure}`);
  }
}

/** Throws unless something holds. */
export function expect(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}

/** Prints how many checks passed and failed, and makes the process fail where one did, or where there were none. */
export function conclude(): void {
  console.log(`${passed} passed, ${failed} failed`);
  if (failed > 0 || passed === 0) process.exitCode = 1;
}
