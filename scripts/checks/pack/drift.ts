// Lists what Nango has and this library lacks: operations, methods, parameters. What is left out on purpose is
// explained here.

import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
// The compiler that the project builds with has no interface for programs.
import ts from 'typescript-5.9';
import { parse } from 'yaml';
import { check, conclude, expect } from '../../tools/counts.ts';
import { root } from '../../tools/esbuild.ts';

// Members and parameters of the class that its drop-in has not, and why. A parameter follows its method after a space.
const withoutInClass: Record<string, string> = {
  http: 'the Axios instance behind the class there; there is no Axios here',
  'listProviders connect_session_token': 'the server answers 400 to it',
  ...Object.fromEntries(
    ['proxy', 'get', 'post', 'put', 'patch', 'delete'].flatMap((method) =>
      ['validateProxyRequestUrl', 'validateProxyRedirectUrl'].map((member) => [
        `${method} ${member}`,
        'a hook of the server, in whose types it stands; a function cannot be sent',
      ])
    ),
  ),
};

// Methods of the class that are no function of their own here, and why.
const otherFunctions: Record<string, string> = {
  constructor: 'createClient',
  delete: 'proxy with the method DELETE',
  get: 'proxy with the method GET',
  patch: 'proxy with the method PATCH',
  post: 'proxy with the method POST',
  put: 'proxy with the method PUT',
  verifyWebhookSignature:
    'deprecated there; verifyIncomingWebhookRequest and verifyWebhook check the signature that replaced it',
};

// Operations and parameters of the OpenAPI file that are not here, and why. A parameter follows its operation after a
// space.
const explained: Record<string, string> = {
  'GET /connections endUserId': 'the input is userId, as in the official client, and sent under this name',
  'GET /records delta': 'deprecated there, in favour of modifiedAfter',
  'POST /action/trigger X-Async': 'triggerActionAsync sends it',
  'POST /action/trigger X-Max-Retries': 'triggerActionAsync sends it as maxRetries says',
  'POST /environment/api-keys': 'now POST /environments/{environmentUuid}/api-keys, which createApiKey sends',
  'DELETE /environment/api-keys':
    'now DELETE /environments/{environmentUuid}/api-keys/{keyUuid}, which deleteApiKey sends',
  ...Object.fromEntries(
    ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].flatMap((method) => [
      [`${method} /proxy/{} nango-proxy-$ANY_HEADER`, 'stands for headers of any name, which are headers of the input'],
      /GET|DELETE/.test(method)
        ? [`${method} /proxy/{} $ANY_QUERY_PARAMS`, 'stands for a query of any kind, which is params of the input']
        : [`${method} /proxy/{} $ANY_BODY_PARAMS`, 'stands for a body of any kind, which is body of the input'],
    ]),
  ),
  'GET /connection': 'deprecated there, in favour of /connections',
  'POST /connection': 'deprecated there, in favour of /connections',
  'GET /connection/{}': 'deprecated there, in favour of /connections/{connectionId}',
  'DELETE /connection/{}': 'deprecated there, in favour of /connections/{connectionId}',
  'POST /connection/metadata': 'deprecated there, in favour of /connections/metadata',
  'PATCH /connection/metadata': 'deprecated there, in favour of /connections/metadata',
  'POST /connection/{}/metadata': 'deprecated there, in favour of /connections/metadata',
  'PATCH /connection/{}/metadata': 'deprecated there, in favour of /connections/metadata',
};

/** What this library has: an exported function, the requests that it documents, and the names of what it takes. */
interface Operation {
  name: string;
  requests: string[];
  parameters: Set<string>;
}

const given = process.argv[2] === undefined
  ? join(root, 'scripts/checks/pack/node_modules/@nangohq/node')
  : resolve(process.argv[2]);
const isPackage = (await stat(given)).isDirectory();
const theirTypes = join(given, 'dist/index.d.ts');

const program = ts.createProgram(
  [join(root, 'lib/mod.ts'), join(root, 'lib/compat/mod.ts'), ...(isPackage ? [theirTypes] : [])],
  {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    allowImportingTsExtensions: true,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
  },
);
const checker = program.getTypeChecker();

type Type = ReturnType<typeof checker.getTypeAtLocation>;
type ModuleSymbol = ReturnType<typeof checker.getExportsOfModule>[number];

function exportsOf(path: string): Map<string, ModuleSymbol> {
  const file = program.getSourceFile(path);
  const symbol = file && checker.getSymbolAtLocation(file);
  if (!symbol) throw new Error(`${path} is not there, or is no module`);
  const exports = checker.getExportsOfModule(symbol);
  const follow = (each: ModuleSymbol): ModuleSymbol =>
    each.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(each) : each;
  return new Map(exports.map((each) => [each.name, follow(each)]));
}

/** The names of an object's members, of every kind that a union may be. What is no plain object has none to compare. */
function membersOf(type: Type): Set<string> {
  const names = new Set<string>();
  const kinds = type.isUnion() ? type.types : [type];
  for (const kind of kinds) {
    const primitive = ts.TypeFlags.StringLike | ts.TypeFlags.NumberLike | ts.TypeFlags.BooleanLike;
    if (kind.flags & primitive || checker.isArrayLikeType(kind) || kind.getCallSignatures().length > 0) continue;
    for (const member of kind.getProperties()) {
      // Members of a platform's own class, as of a stream, are not what is passed.
      const file = member.declarations?.[0]?.getSourceFile();
      if (file && program.isSourceFileDefaultLibrary(file)) continue;
      names.add(member.name);
    }
  }
  return names;
}

const parameterType = (parameter: ModuleSymbol): Type => checker.getTypeOfSymbol(parameter);

/** Names are written in several ways: providerConfigKey, provider_config_key, Provider-Config-Key. */
const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

const ours = exportsOf(join(root, 'lib/mod.ts'));
const operations: Operation[] = [];
for (const [name, symbol] of ours) {
  const [signature] = checker.getTypeOfSymbol(symbol).getCallSignatures();
  if (!signature) continue;
  const documentation = ts.displayPartsToString(symbol.getDocumentationComment(checker));
  const requests = [...documentation.matchAll(/`((?:GET|POST|PUT|PATCH|DELETE) \/[^`\s]*)`/g)].map(
    ([, request]) => request!,
  );
  const parameters = new Set<string>();
  for (const parameter of signature.getParameters().slice(1)) {
    for (const member of membersOf(parameterType(parameter))) parameters.add(plain(member));
    const body = parameterType(parameter).getProperty('body');
    if (body) {
      for (const member of membersOf(checker.getNonNullableType(checker.getTypeOfSymbol(body)))) {
        parameters.add(plain(member));
      }
    }
  }
  operations.push({ name, requests, parameters });
}

if (isPackage) await compareWithPackage();
else await compareWithSpecification(await readFile(given, 'utf8'));
conclude();

/** The public methods of a class, their overloads, and the parameters of each. */
function methodsOf(symbol: ModuleSymbol): Map<string, { most: number; parameters: Set<string>[] }> {
  const instance = checker.getDeclaredTypeOfSymbol(symbol);
  const methods = new Map<string, { most: number; parameters: Set<string>[] }>();
  const add = (name: string, signatures: readonly ReturnType<Type['getCallSignatures']>[number][]): void => {
    const most = Math.max(...signatures.map((signature) => signature.getParameters().length));
    const parameters = Array.from({ length: most }, (_, index) => {
      const types = signatures.flatMap((signature) => signature.getParameters()[index] ?? []).map(parameterType);
      return new Set(types.flatMap((type) => [...membersOf(checker.getNonNullableType(type))]));
    });
    methods.set(name, { most, parameters });
  };
  add('constructor', checker.getTypeOfSymbol(symbol).getConstructSignatures());
  for (const member of instance.getProperties()) {
    const [declaration] = member.declarations ?? [];
    const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
    if (!declaration || ts.getCombinedModifierFlags(declaration) & hidden) continue;
    const signatures = checker.getTypeOfSymbol(member).getCallSignatures();
    if (signatures.length > 0) add(member.name, signatures);
  }
  return methods;
}

async function compareWithPackage(): Promise<void> {
  const { version } = JSON.parse(await readFile(join(given, 'package.json'), 'utf8')) as { version: string };
  console.log(`@nangohq/node ${version}`);
  const theirClass = exportsOf(theirTypes).get('Nango');
  const ourClass = exportsOf(join(root, 'lib/compat/mod.ts')).get('Nango');
  if (!theirClass || !ourClass) throw new Error('There is no class Nango');
  const theirs = methodsOf(theirClass);
  const inClass = methodsOf(ourClass);
  const used = new Set<string>();
  const explanation = (what: string): boolean => {
    if (!Object.hasOwn(withoutInClass, what)) return false;
    used.add(what);
    console.log(`        without ${what}: ${withoutInClass[what]}`);
    return true;
  };
  for (const [name, { most, parameters }] of theirs) {
    if (explanation(name)) continue;
    await check(`the class has ${name}`, () => {
      const method = inClass.get(name);
      expect(method !== undefined, 'no such method');
      expect(method!.most >= most, `it takes ${method!.most} arguments, not ${most}`);
      const missing = parameters.flatMap((members, index) =>
        [...members]
          .filter((member) => !method!.parameters[index]!.has(member) && !explanation(`${name} ${member}`))
          .map((member) => `${member} of argument ${index + 1}`)
      );
      expect(missing.length === 0, `it lacks ${missing.join(', ')}`);
    });
    if (Object.hasOwn(otherFunctions, name)) {
      console.log(`        there is no function ${name}: ${otherFunctions[name]}`);
    } else await check(`there is a function ${name}`, () => expect(ours.has(name), 'nothing of that name is exported'));
  }
  await check('what is explained is still there', () => {
    const gone = [
      ...Object.keys(otherFunctions).filter((name) => !theirs.has(name)),
      ...Object.keys(withoutInClass).filter((what) => !used.has(what)),
    ];
    expect(gone.length === 0, `${gone.join(', ')} is not there any more`);
  });
  await check('there are methods to compare', () => expect(theirs.size > 40, `only ${theirs.size}`));
}

interface Parameter {
  name?: string;
  in?: string;
  $ref?: string;
}

interface Schema {
  $ref?: string;
  properties?: Record<string, unknown>;
  allOf?: Schema[];
  oneOf?: Schema[];
  anyOf?: Schema[];
}

interface Endpoint {
  deprecated?: boolean;
  parameters?: Parameter[];
  requestBody?: { $ref?: string; content?: Record<string, { schema?: Schema }> };
}

async function compareWithSpecification(text: string): Promise<void> {
  const specification = parse(text) as { paths: Record<string, Record<string, Endpoint>>; info: { version: string } };
  const follow = <T extends { $ref?: string }>(value: T): T => {
    if (value.$ref === undefined) return value;
    const keys = value.$ref.replace('#/', '').split('/');
    return keys.reduce((at: unknown, key) => (at as Record<string, unknown>)[key], specification) as T;
  };
  const properties = (schema: Schema | undefined): string[] => {
    if (!schema) return [];
    const { properties: own = {}, allOf = [], oneOf = [], anyOf = [] } = follow(schema);
    return [...Object.keys(own), ...[...allOf, ...oneOf, ...anyOf].flatMap(properties)];
  };
  // Path parameters are named differently here and there.
  const shape = (request: string): string => request.replace(/\{[^}]*\}/g, '{}');
  console.log(`OpenAPI, version ${specification.info.version}`);
  const used = new Set<string>();
  const explanation = (what: string): boolean => {
    if (!Object.hasOwn(explained, what)) return false;
    used.add(what);
    console.log(`        without ${what}: ${explained[what]}`);
    return true;
  };
  let count = 0;
  for (
    const [path, { parameters: shared = [], ...methods }] of Object.entries(specification.paths) as [
      string,
      Record<string, Endpoint> & { parameters?: Parameter[] },
    ][]
  ) {
    for (const [method, endpoint] of Object.entries(methods)) {
      if (!/^(get|post|put|patch|delete)$/.test(method)) continue;
      count += 1;
      const request = shape(`${method.toUpperCase()} ${path}`);
      if (explanation(request)) continue;
      await check(request, () => {
        // One function stands for all methods of the proxy.
        const matching = operations.filter(({ name, requests }) =>
          path.startsWith('/proxy/') ? name === 'proxy' : requests.some((each) => shape(each) === request)
        );
        expect(matching.length > 0, 'no function documents it');
        const names = [...shared, ...(endpoint.parameters ?? [])]
          .map(follow)
          .flatMap(({ name, in: place }) => (place === 'path' || name === undefined ? [] : name));
        const body = endpoint.requestBody && follow(endpoint.requestBody);
        const wanted = [...names, ...Object.values(body?.content ?? {}).flatMap(({ schema }) => properties(schema))];
        const missing = [...new Set(wanted)].filter(
          (name) =>
            !matching.some(({ parameters }) => parameters.has(plain(name))) && !explanation(`${request} ${name}`),
        );
        expect(
          missing.length === 0,
          `${matching.map(({ name }) => name).join(', ')} cannot be given ${missing.join(', ')}`,
        );
        return matching.map(({ name }) => name).join(', ');
      });
    }
  }
  await check('what is explained is still there', () => {
    const gone = Object.keys(explained).filter((what) => !used.has(what));
    expect(gone.length === 0, gone.join(', '));
  });
  await check('there are operations to compare', () => expect(count > 0, 'none'));
}
