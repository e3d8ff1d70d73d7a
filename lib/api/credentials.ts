// Credentials: those of a connection, as the API gives them and as it takes them. Types only.

/** The lifetime of a token that Nango can refresh. */
export interface ExpiringCredentials {
  /** When the token ends, an ISO date. */
  expires_at?: string | undefined;
}

/** The provider's own answer, as it came with the credentials. */
export interface ProviderAnswer {
  /** The answer of the provider. */
  raw: Record<string, unknown>;
}

/** Client credentials that override those of the integration. */
export interface ClientOverride {
  /** The client id and secret that are used instead. */
  config_override?: { client_id?: string | undefined; client_secret?: string | undefined } | undefined;
}

/** An OAuth 2 access token. `refresh_token` is there only when it was asked for. */
export interface OAuth2Credentials extends ExpiringCredentials, ProviderAnswer, ClientOverride {
  /** The kind of the credentials. */
  type: 'OAUTH2';
  /** The access token. */
  access_token: string;
  /** The refresh token, where it was asked for. */
  refresh_token?: string | undefined;
}

/** An OAuth 1 token and its secret. */
export interface OAuth1Credentials extends ProviderAnswer {
  /** The kind of the credentials. */
  type: 'OAUTH1';
  /** The token. */
  oauth_token: string;
  /** The secret of the token. */
  oauth_token_secret: string;
}

/** A token from OAuth 2 client credentials. */
export interface OAuth2ClientCredentials extends ExpiringCredentials, ProviderAnswer {
  /** The kind of the credentials. */
  type: 'OAUTH2_CC';
  /** The token. */
  token: string;
  /** The id of the client. */
  client_id: string;
  /** The secret of the client. */
  client_secret: string;
  /** The certificate of the client, as PEM. */
  client_certificate?: string | undefined;
  /** The private key of the client, as PEM. */
  client_private_key?: string | undefined;
}

/** A user name and a password. */
export interface BasicCredentials {
  /** The kind of the credentials. */
  type: 'BASIC';
  /** The user name. */
  username: string;
  /** The password. */
  password: string;
}

/** An API key of the provider. */
export interface ApiKeyCredentials {
  /** The kind of the credentials. */
  type: 'API_KEY';
  /** The API key. */
  apiKey: string;
}

/** The token of an app installation, for example of a GitHub App. */
export interface AppCredentials extends ExpiringCredentials, ProviderAnswer {
  /** The kind of the credentials. */
  type: 'APP';
  /** The access token. */
  access_token: string;
  /** The signed token that the access token was got with. */
  jwtToken?: string | undefined;
}

/** The token of an app installation with that of the user who installed it. Older connections hold `raw` alone. */
export interface CustomCredentials extends ProviderAnswer {
  /** The kind of the credentials. */
  type: 'CUSTOM';
  /** The token of the installation. */
  app?: AppCredentials | undefined;
  /** The token of the user, or null. */
  user?: OAuth2Credentials | null | undefined;
}

/** A token and a secret to sign requests with. */
export interface TbaCredentials extends ClientOverride {
  /** The kind of the credentials. */
  type: 'TBA';
  /** The id of the token. */
  token_id: string;
  /** The secret of the token. */
  token_secret: string;
}

/** A signed token. Its other members depend on the provider. */
export interface JwtCredentials extends ExpiringCredentials {
  /** The kind of the credentials. */
  type: 'JWT';
  /** The token. */
  token?: string | undefined;
  /** What else the provider gives. */
  [field: string]: unknown;
}

/** A Bill session. */
export interface BillCredentials extends ExpiringCredentials, ProviderAnswer {
  /** The kind of the credentials. */
  type: 'BILL';
  /** The user name. */
  username: string;
  /** The password. */
  password: string;
  /** The id of the organization. */
  organization_id: string;
  /** The developer key. */
  dev_key: string;
  /** The id of the session, which is its token. */
  session_id?: string | undefined;
  /** The id of the user. */
  user_id?: string | undefined;
}

/** A token got in two steps. Its other members depend on the provider. */
export interface TwoStepCredentials extends ExpiringCredentials, ProviderAnswer {
  /** The kind of the credentials. */
  type: 'TWO_STEP';
  /** The token. */
  token?: string | undefined;
  /** The refresh token, where it was asked for. */
  refresh_token?: string | undefined;
  /** What else the provider gives. */
  [field: string]: unknown;
}

/** A user name and a password to sign requests with. */
export interface SignatureCredentials extends ExpiringCredentials {
  /** The kind of the credentials. */
  type: 'SIGNATURE';
  /** The user name. */
  username: string;
  /** The password. */
  password: string;
  /** The token. */
  token?: string | undefined;
}

/** Temporary keys of an AWS role. */
export interface AwsSigV4Credentials extends ExpiringCredentials, ProviderAnswer {
  /** The kind of the credentials. */
  type: 'AWS_SIGV4';
  /** The role. */
  role_arn: string;
  /** The region of the service. */
  region: string;
  /** The service that requests are signed for. */
  service: string;
  /** The id of the access key. */
  access_key_id: string;
  /** The secret of the access key. */
  secret_access_key: string;
  /** The token of the session. */
  session_token: string;
  /** The external id that the role asks for. */
  external_id?: string | undefined;
}

/**
 * No credentials: the provider needs none, or the API key lacks the scope `environment:connections:read_credentials`.
 */
export interface NoCredentials {
  /** The kind of the credentials. There is none. */
  type?: undefined;
}

/** Credentials, told apart by `type`, which is not always the `auth_mode` of the provider. */
export type Credentials =
  | ApiKeyCredentials
  | AppCredentials
  | AwsSigV4Credentials
  | BasicCredentials
  | BillCredentials
  | CustomCredentials
  | JwtCredentials
  | OAuth1Credentials
  | OAuth2ClientCredentials
  | OAuth2Credentials
  | SignatureCredentials
  | TbaCredentials
  | TwoStepCredentials;

/** An OAuth 2 access token to import. */
export interface OAuth2CredentialsInput extends ClientOverride {
  /** The kind of the credentials. */
  type: 'OAUTH2';
  /** The access token, 1 to 16,384 characters. */
  access_token: string;
  /** The refresh token, without which the access token ends for good. */
  refresh_token?: string | undefined;
  /** When the access token ends, an ISO date. Without it Nango takes the token to last. */
  expires_at?: string | undefined;
}

/** A token from OAuth 2 client credentials to import. */
export interface OAuth2ClientCredentialsInput {
  /** The kind of the credentials. */
  type: 'OAUTH2_CC';
  /** The token, up to 4,096 characters. */
  token: string;
  /** The id of the client. */
  client_id: string;
  /** The secret of the client. */
  client_secret: string;
  /** The certificate of the client, as PEM. */
  client_certificate?: string | undefined;
  /** The private key of the client, as PEM. */
  client_private_key?: string | undefined;
  /** When the token ends, an ISO date. */
  expires_at?: string | undefined;
}

/** An OAuth 1 token and its secret to import. */
export interface OAuth1CredentialsInput {
  /** The kind of the credentials. */
  type: 'OAUTH1';
  /** The token. */
  oauth_token: string;
  /** The secret of the token. */
  oauth_token_secret: string;
}

/** The installation of an app to import; Nango gets its tokens itself. */
export interface AppCredentialsInput {
  /** `CUSTOM` where users authorize themselves beside the installation. */
  type: 'APP' | 'CUSTOM';
  /** The id of the app. */
  app_id: string;
  /** The id of the installation. */
  installation_id: string;
}

/** No credentials, for providers that need none. */
export interface NoCredentialsInput {
  /** The kind of the credentials. */
  type: 'NONE';
}

/**
 * Credentials that can be imported, told apart by `type`, which has to suit the `auth_mode` of the provider. Those of a
 * `TBA` provider need an `accountId` in the `connection_config` too. JWT, BILL, TWO_STEP, SIGNATURE and AWS_SIGV4
 * cannot be imported.
 */
export type CredentialsInput =
  | ApiKeyCredentials
  | AppCredentialsInput
  | BasicCredentials
  | NoCredentialsInput
  | OAuth1CredentialsInput
  | OAuth2ClientCredentialsInput
  | OAuth2CredentialsInput
  | TbaCredentials;
