// From the webhook of a sync to the records that it tells of.

import type { RecordsOf } from '../api/records.ts';
import type { AnyFunctions } from '../core/functions.ts';
import type { SyncWebhook } from './events.ts';

/**
 * Gives what a sync webhook tells about: the input of `consumeRecords` and `listRecords` to read what
 * changed.
 *
 * @typeParam F The types of your functions, as `createClient` takes them.
 * @throws TypeError where the event is not that of a sync.
 */
export function recordsOf<F extends object = AnyFunctions>(event: SyncWebhook): RecordsOf<F> {
  if (event?.type !== 'sync') throw new TypeError('event must be the event of a sync');
  const { connectionId, model, providerConfigKey, syncVariant: variant } = event;
  return { providerConfigKey, connectionId, model, variant } as RecordsOf<F>;
}
