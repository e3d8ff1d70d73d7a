// The events that Nango's webhooks carry, types only. New kinds appear without notice: an event may be none of these.

/** What every webhook about a connection tells. */
export interface ConnectionEvent {
  /** The id of the connection. */
  connectionId: string;
  /** The id of the integration. */
  providerConfigKey: string;
}

/** Why something failed. */
export interface WebhookError {
  /** The kind of failure, for example `script_http_error`. */
  type: string;
  /** The failure in words. */
  description: string;
  /** Details that depend on `type`. */
  payload?: object | undefined;
  /** More details. */
  additional_properties?: object | undefined;
}

/** A connection was created or authorized again, its token could not be refreshed, or it was deleted. */
export type AuthWebhook = ConnectionEvent & {
  type: 'auth';
  from: 'nango';
  /** What happened. */
  operation: 'creation' | 'override' | 'refresh' | 'deletion' | (string & {});
  /** The provider, or `unknown` where the integration could not be found. */
  provider: string;
  /** How the provider authorizes, for example `OAUTH2`. */
  authMode: string;
  /** The name of the environment, for example `dev`. */
  environment: string;
  /** The tags of the connection; missing while there is none. */
  tags?: Record<string, string> | undefined;
  /** The end user; of sessions that have one instead of tags. */
  endUser?:
    | {
      endUserId: string;
      endUserEmail?: string | null | undefined;
      organizationId?: string | undefined;
      tags: Record<string, string>;
    }
    | undefined;
} & ({ success: true } | { success: false; error: WebhookError });

/** The progress of a sync, as it saved it. */
export type Checkpoint = Record<string, string | number | boolean>;

/** A sync ended: one event for each model that changed. */
export type SyncWebhook =
  & ConnectionEvent
  & {
    type: 'sync';
    from: 'nango';
    /** The name of the sync. */
    syncName: string;
    /** The variant of the sync, `base` where it has none. */
    syncVariant: string;
    /** The model whose records changed. */
    model: string;
    /** How the sync ran. A full run is an `INITIAL` one. */
    syncType: 'INITIAL' | 'INCREMENTAL' | 'WEBHOOK' | (string & {});
    /** The checkpoints at the start and at the end of the run; missing where the sync uses none. */
    checkpoints?: { from: Checkpoint | null; to: Checkpoint | null } | null | undefined;
  }
  & (
    | {
      success: true;
      /** The records that this run saved were modified after this time, an ISO date. */
      modifiedAfter: string;
      /** How many records the run changed. */
      responseResults: { added: number; updated: number; deleted: number };
      /** The same time as `modifiedAfter`, or null. */
      queryTimeStamp?: string | null | undefined;
    }
    | {
      success: false;
      error: WebhookError;
      /** When the run started, an ISO date. */
      startedAt: string;
      /** When the run failed, an ISO date. */
      failedAt: string;
    }
  );

/** A webhook of the provider, passed on. One that belongs to no connection comes as it is, without this envelope. */
export type ForwardWebhook = ConnectionEvent & {
  type: 'forward';
  /** The provider. */
  from: string;
  /** The body of the provider's webhook. */
  payload: unknown;
};

/** An asynchronous action ended, in either way: `getAsyncActionResult` tells which. */
export type AsyncActionWebhook = ConnectionEvent & {
  type: 'async_action';
  from: 'nango';
  /** Where its result is. */
  payload: { id: string; statusUrl: string };
};

/**
 * A webhook that is none of the known ones: a new kind of Nango's, or a webhook of a provider that belongs to no
 * connection and so comes without an envelope.
 */
export interface UnknownWebhook {
  type: 'unknown';
  /** The body of the webhook, parsed. */
  payload: unknown;
}

/** The events that Nango documents. */
export type NangoWebhook = AuthWebhook | SyncWebhook | ForwardWebhook | AsyncActionWebhook;

/** Everything that a webhook can be: `switch (event.type)` tells which. */
export type WebhookEvent = NangoWebhook | UnknownWebhook;
