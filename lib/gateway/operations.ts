// What the gateway knows of the API: which operations can be opened, and what each of them may carry.

/**
 * The members that each operation may carry, beside those of its path: in the query, after a space in the body, and
 * with an @ the two headers that name a connection. Whatever is not here is refused, operations that manage the
 * environment (its keys, integrations, deployments, variables) included.
 */
export const operations = {
  'GET /providers': 'search',
  'GET /providers/{provider}': '',
  'GET /integrations': '',
  'GET /integrations/{uniqueKey}': 'include',
  'POST /connect/sessions': ' tags,allowed_integrations',
  'POST /connect/sessions/reconnect': ' tags,connection_id,integration_id',
  'GET /connections': 'connectionId,integrationId,search,tags,limit,page',
  'GET /connections/{connectionId}': 'provider_config_key,force_refresh,refresh_token,refresh_github_app_jwt_token',
  'DELETE /connections/{connectionId}': 'provider_config_key',
  'POST /connections/metadata': ' provider_config_key,connection_id,metadata',
  'PATCH /connections/metadata': ' provider_config_key,connection_id,metadata',
  'GET /records': '@model,variant,modified_after,delta,limit,filter,cursor,ids',
  'PATCH /records/prune': '@ model,variant,until_cursor,limit',
  'POST /sync/trigger': ' provider_config_key,connection_id,syncs,opts,sync_mode,full_resync',
  'POST /sync/start': ' provider_config_key,connection_id,syncs',
  'POST /sync/pause': ' provider_config_key,connection_id,syncs',
  'GET /sync/status': 'provider_config_key,connection_id,syncs',
  'PUT /sync/update-connection-frequency': ' provider_config_key,connection_id,sync_name,sync_variant,frequency',
  'POST /sync/{name}/variant/{variant}': ' provider_config_key,connection_id',
  'DELETE /sync/{name}/variant/{variant}': ' provider_config_key,connection_id',
  'POST /action/trigger': '@ action_name,input',
  'GET /action/{id}': '',
  'GET /proxy/{endpoint}': '@',
  'HEAD /proxy/{endpoint}': '@',
  'POST /proxy/{endpoint}': '@',
  'PUT /proxy/{endpoint}': '@',
  'PATCH /proxy/{endpoint}': '@',
  'DELETE /proxy/{endpoint}': '@',
};

/** An operation that a gateway can open: the method and path template, as errors and hooks name it too. */
export type GatewayOperation = keyof typeof operations;
