// The `nango` object that functions get here can stand where the official packages expect theirs: checked by the compiler alone.
// What is left out is what no function uses: the client inside the object, the plumbing of the runner, and protected members.

import type { NangoActionBase, NangoSyncBase } from '@nangohq/runner-sdk';
import type { FunctionNango } from '../../../lib/dev/functions/nango.ts';

type Plumbing =
  | 'nango'
  | 'logger'
  | 'lifecycle'
  | 'runnerFlags'
  | 'syncConfig'
  | 'scriptType'
  | 'abortSignal'
  | 'integrationConfig'
  | 'telemetryBag';
type Public<T, Left extends PropertyKey> = {
  [Name in Exclude<keyof T, Left>]: T[Name];
};

/** Fails to compile unless the first type can stand where the second is expected. */
type Stands<Ours extends Theirs, Theirs> = [Ours, Theirs];

/** For actions and for handlers of events. */
export type Actions = Stands<
  Public<FunctionNango, never>,
  Public<NangoActionBase, Plumbing>
>;

/** For syncs. */
export type Syncs = Stands<
  Public<FunctionNango, never>,
  Public<NangoSyncBase, Plumbing>
>;

/** Nothing of theirs is missing, plumbing included. */
export type Whole = Stands<
  keyof NangoSyncBase,
  keyof FunctionNango | 'nango' | 'lifecycle'
>;
