// nango-fetch/gateway: the part of a backend that lets its own pages call Nango without holding the key.

export { createGateway } from './gateway.ts';
export { operations } from './operations.ts';
export type { GatewayOperation } from './operations.ts';
export type { GatewayEvent, GatewayOptions, Grant } from './types.ts';
