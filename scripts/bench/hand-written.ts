// The client that people write by hand when they want no package: a key, a timeout, errors with a status. It retries nothing.

class ApiError extends Error {
  readonly status: number;
  readonly body: string;
  constructor(status: number, body: string) {
    super(`Nango answered ${status}: ${body.slice(0, 200)}`);
    this.status = status;
    this.body = body;
  }
}

export interface HandWritten {
  get: (
    path: string,
    query: Record<string, string | undefined>,
    headers?: Record<string, string>,
  ) => Promise<unknown>;
}

export function createHandWritten(
  host: string,
  key: string,
  timeout = 120_000,
): HandWritten {
  return {
    async get(path, query, headers = {}) {
      const search = new URLSearchParams();
      for (const [name, value] of Object.entries(query)) {
        if (value !== undefined) search.set(name, value);
      }
      const controller = new AbortController();
      const timer = setTimeout(
        () => controller.abort(new Error(`No answer in ${timeout} ms`)),
        timeout,
      );
      try {
        const response = await fetch(`${host}${path}?${search}`, {
          headers: {
            ...headers,
            authorization: `Bearer ${key}`,
            accept: 'application/json',
          },
          signal: controller.signal,
        });
        if (!response.ok) {
          throw new ApiError(response.status, await response.text());
        }
        return await response.json();
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
