// Pages of a provider's answer by cursor, by offset and by link, as a function's `nango.paginate` goes through them.

import type { HttpResponse } from './errors.ts';
import { getPath, setPath } from './paths.ts';

/** How to go from page to page. */
export interface Pagination {
  /** `cursor`, `offset` or `link`. */
  type: string;
  /** How many items a page holds. */
  limit?: number | string;
  /** The parameter that says so. */
  limit_name_in_request?: string;
  /** Where the items are in the answer. Defaults to the whole answer. */
  response_path?: string;
  /** Whether parameters go into the body. Defaults to true for POST, PUT and PATCH. */
  in_body?: boolean;
  /** Hears of every page before the next one is asked for. */
  on_page?: (state: { nextPageParam: string | number | undefined; response: HttpResponse }) => Promise<void>;
  cursor_path_in_response?: string;
  cursor_name_in_request?: string;
  link_rel_in_response_header?: string;
  link_path_in_response_body?: string;
  offset_name_in_request?: string;
  offset_start_value?: number;
  offset_calculation_method?: string;
}

/** The members of a request that paging reads and changes. */
export interface PagedRequest {
  endpoint: string;
  method?: string | undefined;
  params?: unknown;
  data?: unknown;
  baseUrlOverride?: string | undefined;
  [member: string]: unknown;
}

type Send = (request: PagedRequest) => Promise<HttpResponse>;
type Pages = AsyncGenerator<unknown[], undefined, void>;

const kinds: Record<string, (request: PagedRequest, how: Pagination, place: Place, send: Send) => Pages> = {
  cursor: byCursor,
  link: byLink,
  offset: byOffset,
};

/** Where the parameters of a page go. */
interface Place {
  /** The parameters so far. */
  values: Record<string, unknown>;
  /** Whether they are the body. */
  inBody: boolean;
}

/** Goes through the pages of a request. `how` is what the provider does, with what the caller says instead. */
export function paginate(request: PagedRequest, how: Pagination, send: Send): Pages {
  const kind = kinds[how.type];
  if (!kind) {
    const known = 'Only cursor, link and offset pagination types are supported.';
    throw new Error(`Pagination type ${how.type} is not supported. ${known}`);
  }
  for (const name of required[how.type] ?? []) {
    if (!how[name]) throw new Error(`Param ${name} is required for ${how.type} pagination`);
  }
  if (how.type === 'link' && !how.link_rel_in_response_header && !how.link_path_in_response_body) {
    const either = 'Either param link_rel_in_response_header or link_path_in_response_body is required';
    throw new Error(`${either} for link pagination`);
  }
  const method = (request.method ?? 'GET').toUpperCase();
  const inBody = how.in_body ?? ['POST', 'PUT', 'PATCH'].includes(method);
  const given = inBody ? request.data : request.params;
  const values = typeof given === 'string' && !inBody
    ? Object.fromEntries(new URLSearchParams(given))
    : { ...(given as Record<string, unknown> | undefined) };
  if (how.limit && how.limit_name_in_request) setParameter({ values, inBody }, how.limit_name_in_request, how.limit);
  return kind({ ...request, method: request.method ?? 'GET' }, how, { values, inBody }, send);
}

const required: Record<string, (keyof Pagination)[]> = {
  cursor: ['cursor_name_in_request', 'cursor_path_in_response'],
  link: [],
  offset: ['offset_name_in_request'],
};

// Bodies are nested, so that names with dots are paths there; names in a query are only names.
function setParameter({ values, inBody }: Place, name: string, value: unknown): void {
  if (inBody) setPath(values, name, value);
  else values[name] = value;
}

function placed(request: PagedRequest, { values, inBody }: Place): PagedRequest {
  return inBody ? { ...request, data: structuredClone(values) } : { ...request, params: { ...values } };
}

function itemsOf({ response_path: path }: Pagination, { data }: HttpResponse): unknown[] {
  return (path ? getPath(data, path) : data) as unknown[];
}

async function* byCursor(request: PagedRequest, how: Pagination, place: Place, send: Send): Pages {
  for (;;) {
    const response = await send(placed(request, place));
    const items = itemsOf(how, response);
    if (!items || items.length === 0) return undefined;
    yield items;
    let next = getPath(response.data, how.cursor_path_in_response ?? '') as string | number | undefined | null;
    if (typeof next === 'string') next = next.trim() === '' ? undefined : next.trim();
    await how.on_page?.({ nextPageParam: next ?? undefined, response });
    if (next === undefined || next === null) return undefined;
    setParameter(place, how.cursor_name_in_request ?? '', next);
  }
}

async function* byOffset(request: PagedRequest, how: Pagination, place: Place, send: Send): Pages {
  const perPage = (how.offset_calculation_method ?? 'by-response-size') === 'per-page';
  let offset = how.offset_start_value ?? 0;
  for (;;) {
    setParameter(place, how.offset_name_in_request ?? '', place.inBody ? offset : String(offset));
    const response = await send(placed(request, place));
    const items = itemsOf(how, response);
    if (!items || items.length === 0) return undefined;
    yield items;
    // A page that is not full is the last one.
    if (how.limit && items.length < Number(how.limit)) return undefined;
    await how.on_page?.({ nextPageParam: offset, response });
    offset += perPage ? 1 : items.length;
  }
}

async function* byLink(request: PagedRequest, how: Pagination, place: Place, send: Send): Pages {
  let current = placed(request, place);
  for (;;) {
    const response = await send(current);
    yield itemsOf(how, response);
    const next = nextLink(how, response);
    await how.on_page?.({ nextPageParam: next, response });
    if (!next) return undefined;
    // The link has all parameters in it.
    if (place.inBody) current = { ...current };
    else delete current.params;
    if (URL.canParse(next)) {
      const { origin, pathname, search } = new URL(next);
      current = { ...current, endpoint: pathname + search, baseUrlOverride: origin };
    } else {
      current = { ...current, endpoint: next };
    }
  }
}

function nextLink(how: Pagination, { headers, data }: HttpResponse): string | undefined {
  if (how.link_rel_in_response_header) return linkOf(headers['link'] ?? '', how.link_rel_in_response_header);
  if (how.link_path_in_response_body) return getPath(data, how.link_path_in_response_body) as string | undefined;
  return undefined;
}

/** The address of a relation in a Link header. */
function linkOf(header: string, relation: string): string | undefined {
  for (const [, address, parameters = ''] of header.matchAll(/<([^>]*)>([^<]*)/g)) {
    const [, quoted, bare] = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,]+))/i.exec(parameters) ?? [];
    if ((quoted ?? bare ?? '').split(/\s+/).includes(relation)) return address;
  }
  return undefined;
}
