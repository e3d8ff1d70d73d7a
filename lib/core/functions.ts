// What the types of a user's own syncs and actions tell: integrations, models, records, inputs, outputs, metadata. Types
// only. They are read by their shape, so that no version of the package `nango` and no library of schemas is imported.

/**
 * What a client knows of functions without a type argument: nothing, so that every name fits.
 *
 * A type argument is an object of objects, the default exports of syncs and actions by integration and by name:
 * `{ github: { fetchIssues: typeof fetchIssues; createIssue: typeof createIssue } }`.
 */
export type AnyFunctions = {};

/** Whether nothing is known of `F`: no functions, or an explicit type argument that stands in place of theirs. */
export type IsUnknown<F> = [keyof F] extends [never] ? true : false;

/** What a schema gives: one of zod by `_output`, one of any library that is a Standard Schema by `~standard`. */
export type OutputOf<Schema> = Schema extends { readonly _output: infer Output } ? Output
  : Schema extends { readonly '~standard': { readonly types?: infer Types } }
    ? NonNullable<Types> extends { readonly output: infer Output } ? Output : unknown
  : unknown;

/** What a schema takes. */
export type InputOf<Schema> = Schema extends { readonly _input: infer Input } ? Input
  : Schema extends { readonly '~standard': { readonly types?: infer Types } }
    ? NonNullable<Types> extends { readonly input: infer Input } ? Input : unknown
  : unknown;

/** The functions of an integration, or of several. */
export type FunctionsOf<F, Integration> = Integration extends keyof F ? F[Integration][keyof F[Integration]] : never;

/** The models of a function, by name. */
export type ModelsOf<Function> = Function extends { type: 'sync'; models: infer Models } ? Models
  : Function extends { type: 'function'; data?: { models?: infer Models } } ? NonNullable<Models>
  // No names: those of `never` would be any.
  : {};

/** The metadata of a function. */
export type MetadataOf<Function> = Function extends { type: 'function'; data?: infer Data } ? MetadataOf<Data>
  : Function extends { metadata?: infer Schema } ? NonNullable<Schema>
  : never;

/** The names of the functions of some types. */
export type NamesOf<F, Integration, Type> = Integration extends keyof F
  ? { [Name in keyof F[Integration]]: F[Integration][Name] extends { type: Type } ? Name : never }[keyof F[Integration]]
  : never;

/** Makes one of each: `A | B` becomes `A & B`. */
export type AllOf<Union> = (Union extends unknown ? (each: Union) => void : never) extends (all: infer Every) => void
  ? Every
  : never;

/** The integrations that have functions. */
export type IntegrationName<F> = IsUnknown<F> extends true ? string : keyof F & string;

/** The models that the syncs of an integration save. */
export type ModelName<F, Integration> = IsUnknown<F> extends true ? string
  : FunctionsOf<F, Integration> extends infer Function ? Function extends unknown ? keyof ModelsOf<Function> & string
    : never
  : never;

/** The syncs of an integration. */
export type SyncName<F, Integration> = IsUnknown<F> extends true ? string
  : NamesOf<F, Integration, 'sync' | 'function'> & string;

/** The actions of an integration. */
export type ActionName<F, Integration> = IsUnknown<F> extends true ? string
  : NamesOf<F, Integration, 'action' | 'function'> & string;

/**
 * The record of a model, without what Nango adds. With an explicit type argument `F` is left at its default, `unknown`,
 * and nothing is added to that argument.
 */
export type RecordOf<F, Integration, Model> = unknown extends F ? unknown
  : IsUnknown<F> extends true ? Record<string, unknown>
  : FunctionsOf<F, Integration> extends infer Function
    ? Function extends unknown ? Model extends keyof ModelsOf<Function> ? OutputOf<ModelsOf<Function>[Model]> : never
    : never
  : never;

/** The input of an action, as its schema takes it. */
export type ActionInput<F, Integration, Action> = IsUnknown<F> extends true ? unknown
  : Integration extends keyof F
    ? Action extends keyof F[Integration]
      ? F[Integration][Action] extends { input?: infer Schema } ? InputOf<NonNullable<Schema>> : unknown
    : never
  : never;

/** The output of an action. */
export type ActionOutput<F, Integration, Action> = IsUnknown<F> extends true ? unknown
  : Integration extends keyof F
    ? Action extends keyof F[Integration]
      ? F[Integration][Action] extends { output?: infer Schema } ? OutputOf<NonNullable<Schema>> : unknown
    : never
  : never;

/** Asks for the member `input` where an action cannot do without. */
export type ActionInputMember<F, Integration, Action> = IsUnknown<F> extends true ? unknown
  : undefined extends ActionInput<F, Integration, Action> ? unknown
  : { input: unknown };

/** The metadata that the functions of an integration read together. */
export type ConnectionMetadata<F, Integration> = unknown extends F ? unknown
  : IsUnknown<F> extends true ? Record<string, unknown>
  : DeclaredMetadata<F, Integration>;

/** The metadata that functions declare, or any object where none does. */
export type DeclaredMetadata<F, Integration> = KnownMetadata<AllOf<MetadataSchemas<F, Integration>>>;

/** The metadata to write: what your functions read, or `T` where nothing is known of them. */
export type MetadataToSet<T extends object, F, Integration> = IsUnknown<F> extends true ? T
  : NoInfer<DeclaredMetadata<F, Integration>>;

/** The members of the metadata to write. */
export type MetadataToUpdate<T extends object, F, Integration> = IsUnknown<F> extends true ? T
  : NoInfer<Partial<DeclaredMetadata<F, Integration>>>;

/** The metadata of each function of an integration. */
export type MetadataSchemas<F, Integration> = FunctionsOf<F, Integration> extends infer Function
  ? Function extends unknown ? [MetadataOf<Function>] extends [never] ? never : OutputOf<MetadataOf<Function>>
  : never
  : never;

/** Metadata, or any object where there is none. */
export type KnownMetadata<Metadata> = Metadata extends object ? Metadata : Record<string, unknown>;
