// How the gateway says no.

/** Why a request is refused. */
export class Refusal extends Error {
  /** The status of the answer. */
  readonly status: number;
  /** The code of the answer. */
  readonly reason: string;
  /** Headers of the answer. */
  readonly headers: Record<string, string>;

  constructor(status: number, reason: string, detail: string, headers: Record<string, string>, cause: unknown) {
    super(detail, { cause });
    this.status = status;
    this.reason = reason;
    this.headers = headers;
  }
}

/** Refuses a request. The detail names the member or header, and never has its value. */
export function refuse(
  status: number,
  reason: string,
  detail = '',
  headers: Record<string, string> = {},
  cause?: unknown,
): never {
  throw new Refusal(status, reason, detail, headers, cause);
}
