// The client: where the API is, how it is reached, and a `fetch` that knows the key.

/** Sends a request and resolves with its response: the one seam of this library, and the shape of the platform's own `fetch`. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
