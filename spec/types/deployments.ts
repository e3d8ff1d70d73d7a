// The types of lib/api/deployments.ts, checked by the compiler.

import { createFunctionDeployment, deployFunctionBundle, getFunctionDryrun, invokeFunction } from '../../lib/mod.ts';
import type { Client, FunctionInvocation } from '../../lib/mod.ts';

/** Never called: it only has to compile. */
export async function compiled(client: Client): Promise<void> {
  const target = { integration_id: 'github', connection_id: 'c-1', name: 'create-issue' };
  const issue = await invokeFunction<{ number: number }>(client, { ...target, invocation_type: 'wait' });
  void (issue.number satisfies number);
  const accepted: FunctionInvocation = await invokeFunction(client, { ...target, invocation_type: 'no_wait' });
  void accepted;
  // @ts-expect-error Whether to wait has to be said.
  void invokeFunction(client, target);

  const { result } = await getFunctionDryrun<string[]>(client, { id: '' });
  void (result satisfies string[] | undefined);

  // @ts-expect-error A template has no code.
  void createFunctionDeployment(client, { type: 'template', integration_id: 'a', template: 'b', code: '' });
  // @ts-expect-error Code needs a name.
  void createFunctionDeployment(client, { type: 'function', integration_id: 'a', function_type: 'sync', code: 'b' });
  // @ts-expect-error An integration's bundle names it.
  void deployFunctionBundle(client, { reconciliationScope: { kind: 'integration' }, functions: [] });
}
