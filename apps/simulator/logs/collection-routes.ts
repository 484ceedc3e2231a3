import { normalRegion, requireGroup } from '../arm/scopes.ts';
import { AzureFault } from '../azure-fault.ts';
import type { Answer, Call, Route } from '../route.ts';
import {
  findEndpoint,
  findRule,
  listEndpoints,
  listRules,
  saveEndpoint,
  saveRule,
} from './documents.ts';
import type { CollectionEndpoint, CollectionRule } from './documents.ts';
import { newEndpoint, newRule } from './new-collection.ts';
import { readRuleProperties } from './rule-body.ts';

const GROUP =
  '/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}/providers/Microsoft.Insights';
const ENDPOINTS = 'Microsoft.Insights/dataCollectionEndpoints';
const RULES = 'Microsoft.Insights/dataCollectionRules';
const apiVersions = ['2021-09-01-preview', '2022-06-01', '2023-03-11', '2024-03-11'];

const bodyShape = { location: 'text', properties: { dataCollectionEndpointId: 'text' } } as const;

/** Microsoft.Insights/dataCollectionEndpoints and dataCollectionRules, as far as log ingestion needs them. */
export const collectionRoutes: readonly Route[] = [
  ...resource(ENDPOINTS, {
    list: listEndpoints,
    find: findEndpoint,
    body: endpointBody,
    put: putEndpoint,
  }),
  ...resource(RULES, { list: listRules, find: findRule, body: ruleBody, put: putRule }),
];

/** What makes a kind of resource: where it is kept, how it looks, and how it is written. */
interface Kind<T> {
  list(tx: Call['tx']): T[];
  find(tx: Call['tx'], id: string): T | undefined;
  body(resource: T): object;
  put(call: Call, id: string): T;
}

function resource<T extends { id: string }>(type: string, kind: Kind<T>): Route[] {
  const list = `${GROUP}/${type.split('/')[1]}`;
  const one = `${list}/{name}`;
  const route = (method: string, path: string, handle: Route['handle']): Route => {
    const action = `${type}/${method === 'PUT' ? 'write' : 'read'}`;
    const body = method === 'PUT' ? { body: bodyShape } : {};
    return { service: 'arm', method, path, apiVersions, action, ...body, handle };
  };
  return [
    route('GET', list, (call) => {
      const prefix = idOf(call, type).toLowerCase();
      const found = kind.list(call.tx).filter(({ id }) => id.toLowerCase().startsWith(prefix));
      return { status: 200, body: { value: found.map((one) => kind.body(one)) } };
    }),
    route('GET', one, (call): Answer => {
      const found = kind.find(call.tx, idOf(call, type));
      if (found !== undefined) return { status: 200, body: kind.body(found) };
      throw new AzureFault(404, {
        code: 'ResourceNotFound',
        message: `The Resource '${type}/${call.params['name']}' under resource group '${call.params['resourceGroup']}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
      });
    }),
    route('PUT', one, (call) => {
      const id = idOf(call, type);
      const known = kind.find(call.tx, id) !== undefined;
      const stored = kind.put(call, id);
      call.tx.note(`${type.split('/')[1]} written`);
      return { status: known ? 200 : 201, body: kind.body(stored) };
    }),
  ];
}

function idOf(call: Call, type: string): string {
  const group = requireGroup(call);
  return `/subscriptions/${call.params['subscriptionId']}/resourceGroups/${group.name}/providers/${type}/${call.params['name'] ?? ''}`;
}

function putEndpoint(call: Call, id: string): CollectionEndpoint {
  const place = readPlace(call, id);
  const known = findEndpoint(call.tx, id);
  return saveEndpoint(call.tx, known ? { ...known, tags: place.tags } : newEndpoint(place));
}

function putRule(call: Call, id: string): CollectionRule {
  const place = readPlace(call, id);
  const properties = readRuleProperties(call);
  const { immutableId } = findRule(call.tx, id) ?? {};
  const fresh = newRule(place, properties);
  return saveRule(call.tx, { ...fresh, ...(immutableId !== undefined && { immutableId }) });
}

function readPlace(call: Call, id: string) {
  const { location, tags } = (call.body ?? {}) as { location?: unknown; tags?: object };
  if (typeof location !== 'string' || location === '') {
    throw new AzureFault(400, {
      code: 'LocationRequired',
      message: 'The location property is required for this definition.',
    });
  }
  const name = call.params['name'] ?? '';
  return { id, name, location: normalRegion(location), tags: { ...tags } };
}

function endpointBody(endpoint: CollectionEndpoint): object {
  const { id, name, location, tags, immutableId, logsHost, configurationHost } = endpoint;
  return {
    id,
    name,
    type: ENDPOINTS,
    location,
    tags,
    properties: {
      immutableId,
      configurationAccess: { endpoint: `https://${configurationHost}` },
      logsIngestion: { endpoint: `https://${logsHost}` },
      networkAcls: { publicNetworkAccess: 'Enabled' },
      provisioningState: 'Succeeded',
    },
  };
}

function ruleBody(rule: CollectionRule): object {
  const { id, name, location, tags, immutableId, endpointId, streams, destinations, flows } = rule;
  return {
    id,
    name,
    type: RULES,
    location,
    tags,
    properties: {
      immutableId,
      ...(endpointId !== undefined && { dataCollectionEndpointId: endpointId }),
      streamDeclarations: streams,
      destinations: { logAnalytics: destinations },
      dataFlows: flows,
      provisioningState: 'Succeeded',
    },
  };
}
