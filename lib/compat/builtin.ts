// Modules that are built into Node, Deno, Bun and Workers, asked for at run time: importing them would fail elsewhere.

/** Gives a built-in module, or undefined where there is none. */
export function builtin<Module>(name: string): Module | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): Module | undefined } };
  return process?.getBuiltinModule?.(name);
}
