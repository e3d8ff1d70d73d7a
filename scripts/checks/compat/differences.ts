// What class Nango does otherwise than the official client, and why: the one list, which lib/compat/README.md shows.

/** A difference. */
export interface Difference {
  /** What the official client does. */
  official: string;
  /** What class Nango does. */
  here: string;
  /** What for. */
  why: string;
  /** Where it may show in the cases that say that they show it. */
  parts?: RegExp;
  /** Whether it may show in any call. */
  everywhere?: (part: string, official: unknown, here: unknown) => boolean;
  /** Whether it is of the kind that calls to a server do not show. */
  unseen?: true;
}

export const differences: Record<string, Difference> = {
  encoded: {
    parts: /^(path|query)$/,
    official:
      'Ids are put into paths, and into the queries of `deleteConnection` and `patchConnection`, as they are: `a/b`, `a?b` or `a&b` call something else.',
    here: 'Ids are encoded.',
    why: 'A connection id with a slash would reach another connection, or another operation.',
  },
  refused: {
    parts: /./,
    official: 'Missing ids are sent as `undefined` or left out; ids that the server refuses are sent.',
    here:
      'They reject with a `TypeError` that names the argument, before anything is sent: ids are printable ASCII, other than `.` and `..`. So do `emptyCache` without `reset`, a `filter` that has `deleted` beside another action, action ids that are no UUID, bodies that are no objects or lack a required member, forms that repeat a field, and proxy endpoints that leave the proxy or hold a `#`.',
    why: 'The server refuses them anyway, or calls something else.',
  },
  statusUrl: {
    parts: /./,
    official:
      '`getAsyncActionResult` appends `statusUrl` to the host unchecked: `.example.com/x` sends the API key to another host.',
    here: 'Only `/action/<id>` is taken.',
    why: 'The API key goes nowhere but to the host.',
  },
  arrays: {
    parts: /^query$/,
    official: 'Of several values of `include` the last one is sent; arrays in `params` are joined with commas.',
    here: 'All are sent, each by itself.',
    why: 'Nothing is lost on the way.',
  },
  flags: {
    official: '`getMetadata` asks for no refresh: `force_refresh=false`.',
    here: 'It leaves out what is the default.',
    why: 'The server takes it as the same.',
    everywhere: (part, official, here) =>
      part === 'query' &&
      String(official)
          .replace(/(^|,)\w*refresh\w*=false(?=,|$)/g, '')
          .replace(/^,/, '') === String(here),
  },
  absent: {
    parts: /^query$/,
    official: 'Members of `params` that are undefined are sent as the text `undefined`.',
    here: 'They are left out.',
    why: 'The provider would look for that word.',
  },
  internal: {
    official:
      'Every proxy call has an empty `Base-Url-Override` and an empty `Nango-Activity-Log-Id`; `isSync`, `isScript`, `dryRun` and `activityLogId` become headers.',
    here: "Headers of Nango's own functions are not sent, since the API fails for customers who do.",
    why: "They are for Nango's own functions, and the API refuses customers who say that they are one.",
    everywhere: (part, official, here) =>
      /^header (base-url-override|nango-(activity-log-id|is-\w+|is-dry-run))$/.test(part) &&
      here === undefined &&
      (official === '' || !part.includes('base-url')),
  },
  noType: {
    official: 'Requests without a body have a content type, `application/json` or that of a form.',
    here: 'They have none.',
    why: 'There is nothing that it could be the type of.',
    everywhere: (part, official, here) =>
      part === 'header content-type without a body' && here === undefined && official !== undefined,
  },
  slash: {
    official: '`listRecords` asks for `/records/`.',
    here: 'It asks for `/records`.',
    why: 'It is the path that the API documents.',
    everywhere: (part, official, here) => part === 'path' && official === '/records/' && here === '/records',
  },
  proxyType: {
    parts: /^header (nango-proxy-)?content-type$/,
    official:
      'A `content-type` goes to Nango and the provider only where it is spelled `Content-Type`. Without one, text and bytes are sent as a form, which the server takes apart.',
    here:
      'It goes to both however it is spelled, and without one it is that of the body: JSON, `text/plain`, `application/octet-stream`, the type of a `Blob`.',
    why: 'The provider gets what was sent: the server writes the body anew by the type that it is told.',
  },
  proxyTypeOfObjects: {
    official: 'The provider is told the type of a JSON body by the server.',
    here: 'It is told by the client: `Nango-Proxy-Content-Type: application/json`.',
    why: 'It is the same type, and the server need not guess.',
    everywhere: (part, official, here) =>
      part === 'header nango-proxy-content-type' && official === undefined && here === 'application/json',
  },
  text: {
    parts: /^body$/,
    official:
      'Text that is no JSON is turned into a JSON string where the content type is JSON, which the server refuses.',
    here: 'Text is sent as it is.',
    why: 'The server refuses both.',
  },
  falsy: {
    parts: /^header (decompress|forward-headers-on-redirect|retries)$/,
    official: '`decompress: false`, `forwardHeadersOnRedirect: false` and `retries: 0` are not sent.',
    here: 'They are sent.',
    why: 'The provider may have another default.',
  },
  retryOn: {
    parts: /^header retry-on$/,
    official: '`retryOn: []` is sent as an empty header, which the server refuses.',
    here: 'It is left out.',
    why: 'It means the same as none.',
  },
  methods: {
    parts: /^method$/,
    official: '`proxy` turns methods that it does not know, such as `HEAD`, into `GET`.',
    here: 'They are sent as they are named.',
    why: 'A request that was to read the headers only should not fetch the body.',
  },
  paramsBeside: {
    parts: /^(requests|outcome)$/,
    official: '`params` as text, beside a query in `endpoint`, is an error.',
    here: 'Both are sent.',
    why: 'There is nothing wrong with it.',
  },
  blob: {
    parts: /^(result|error)\.data$/,
    official: "`responseType: 'blob'` gives text on Node.",
    here: 'It gives a `Blob`.',
    why: 'Bytes do not survive as text.',
  },
  stringId: {
    parts: /^path$/,
    official:
      "`getIntegration('<id>')`, which the documentation still shows, asks for an integration called `undefined`.",
    here: 'It works.',
    why: 'The documentation promises it.',
  },
  positional: {
    parts: /^query$/,
    official:
      'The positional form of `listConnections` drops `tags` and `integrationId`, the other one `search` and `endUserOrganizationId`.',
    here: 'Both send all of them.',
    why: 'A filter that is dropped gives connections of other users.',
  },
  metadata: {
    parts: /^outcome$/,
    official: '`getMetadata` fails where the credentials of the connection cannot be refreshed.',
    here: 'It gives the metadata all the same.',
    why: 'Metadata does not depend on credentials, and the error brings it along.',
  },
  waiting: {
    parts: /^(query|requests|outcome|result)$/,
    official:
      '`waitForConnection` looks for the legacy end user only, in a list of all connections; pauses for 10 seconds and then for 2, up to 68; and fails with the first 429 or broken connection.',
    here:
      'It looks for the tag `end_user_id` on the integration, which legacy end users have too; pauses for 2 seconds up to 60, as documented; and outlives what passes.',
    why: 'Connections of newer sessions have tags only, and were never found.',
  },
  success: {
    parts: /^outcome$/,
    official: 'A success with HTML, with other text, with nothing or without what was asked for is a result.',
    here: 'It rejects with a `NangoParseError`, whose code is `ERR_BAD_RESPONSE`.',
    why: 'A wrong host or path looked like an empty result.',
  },
  redirects: {
    parts: /^(requests|outcome)$/,
    official: 'Redirects are followed, with the API key where they stay on the host.',
    here: 'They are errors: the API sends none.',
    why: 'One means a wrong host, which should not get the API key.',
  },
  brokenAnswers: {
    parts: /^error\./,
    official:
      'An answer that ends too early has a response with the status of a success, and the code `ERR_BAD_RESPONSE`.',
    here: 'It has no response, and the code `ECONNRESET`, like other broken connections.',
    why: 'Callers retry what has no response.',
  },
  networkWords: {
    parts: /^error\.message$/,
    official: 'A connection that is closed without an answer is a `socket hang up`, with the code `ECONNRESET`.',
    here: 'The code is the same, the words are those of the platform.',
    why: 'The platform sends the requests.',
  },
  webhookKey: {
    parts: /^outcome$/,
    official:
      'Without a signing key, `verifyIncomingWebhookRequest` and `verifyWebhookSignature` are false for every webhook.',
    here: 'They throw, and say what is missing.',
    why: 'A mistake of the configuration should not look like a forgery.',
  },
  webhookHeaders: {
    parts: /^(outcome|result)$/,
    official: '`verifyIncomingWebhookRequest` is false for a `Headers` object, and for a header that is an array.',
    here: 'It takes both, and an `ArrayBuffer` as the body.',
    why: 'It is what servers on the web platform have.',
  },
  webhookBody: {
    parts: /^error\.message$/,
    official: 'A parsed body is an error of Node that speaks of a `data` argument.',
    here: 'It is a `TypeError` that says to pass the raw body.',
    why: 'It says what to do.',
  },
  emptySecret: {
    parts: /^outcome$/,
    official: "`{ apiKey: '', secretKey }` is an error.",
    here: '`secretKey` is taken.',
    why: 'An empty environment variable is no key.',
  },
  options: {
    official: '`httpsAgent` and `interceptors` reach into Axios, `http` is its instance.',
    here:
      'They are refused, and `http` is not there: give a `fetch` instead, which `withRetry` composes with. `timeout` is new.',
    why: 'There is no Axios, and `fetch` is the one seam.',
    unseen: true,
  },
  axios: {
    official:
      'Answers and errors have `config` and `request`, with the API key in them; headers are `AxiosHeaders`; errors are `AxiosError`s.',
    here:
      'Answers are `{ data, status, statusText, headers }` with plain headers. Errors are NangoErrors, for which `axios.isAxiosError()` holds too; their `response` is in no JSON.',
    why: 'No key gets into a log, and there is no Axios.',
    unseen: true,
  },
  userAgent: {
    official:
      'Each call tells the version of the client, the operating system and the version of Node. `getUserAgent` gives that.',
    here: '`userAgent` is sent where it is given. `getUserAgent` is not there.',
    why: 'What a call tells of the machine is up to the caller.',
    unseen: true,
  },
  timeout: {
    official: 'Calls may take for ever.',
    here: 'They may take 120 seconds, unless `timeout` says otherwise. Actions and the proxy have no limit.',
    why: 'A connection that hangs should not hang the caller.',
    unseen: true,
  },
  readonly: {
    official: 'All properties can be set. `new Nango()` writes into the object it is given.',
    here:
      'Only `connectionId` and `providerConfigKey` can be set. Nothing is written into arguments. The keys are in no JSON and no log of the object.',
    why: 'What was set later reached only some of the calls. Keys stay out of logs.',
    unseen: true,
  },
};

/** Writes the table of lib/compat/README.md. */
export function table(): string {
  const rows = Object.values(differences).map(({ official, here, why }) => [official, here, why]);
  const lines = [['`@nangohq/node`', '`nango-fetch/compat`', 'Why'], ['---', '---', '---'], ...rows];
  return lines.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n');
}
