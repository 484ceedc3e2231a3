import { AzureFault } from '../azure-fault.ts';
import { findWorkspace } from '../providers/operational-insights/documents.ts';
import type { Call } from '../route.ts';
import { findEndpoint } from './documents.ts';
import type { CollectionRule } from './documents.ts';

type Properties = Pick<CollectionRule, 'endpointId' | 'streams' | 'destinations' | 'flows'>;

interface RuleInput {
  readonly properties?: {
    readonly dataCollectionEndpointId?: string;
    readonly streamDeclarations?: CollectionRule['streams'];
    readonly destinations?: { readonly logAnalytics?: CollectionRule['destinations'] };
    readonly dataFlows?: (CollectionRule['flows'][number] & { readonly transformKql?: string })[];
  };
}

/** The properties of a rule's PUT body. Throws 400 InvalidPayload for what does not hang together. */
export function readRuleProperties(call: Call): Properties {
  const properties = ((call.body ?? {}) as RuleInput).properties ?? {};
  const { dataCollectionEndpointId: endpointId } = properties;
  const streams = properties.streamDeclarations ?? {};
  const dataFlows = listOf(properties.dataFlows);
  const destinations = listOf(properties.destinations?.logAnalytics);
  if (typeof endpointId === 'string' && findEndpoint(call.tx, endpointId) === undefined) {
    throw invalid('InvalidDataCollectionEndpoint', `'${endpointId}' was not found.`);
  }
  for (const { workspaceResourceId } of destinations) {
    if (findWorkspace(call.tx, workspaceResourceId) === undefined) {
      throw invalid('InvalidDestination', `Workspace '${workspaceResourceId}' was not found.`);
    }
  }
  for (const flow of dataFlows) checkFlow(flow, { streams, destinations });
  return {
    ...(typeof endpointId === 'string' && { endpointId }),
    streams,
    destinations: destinations.map(({ workspaceResourceId, name }) => ({
      workspaceResourceId,
      name,
    })),
    flows: dataFlows.map(({ transformKql: _source, ...flow }) => flow),
  };
}

function checkFlow(
  flow: CollectionRule['flows'][number] & { readonly transformKql?: string },
  known: Pick<CollectionRule, 'streams' | 'destinations'>,
): void {
  const transformKql = flow.transformKql ?? 'source';
  const streams = listOf(flow.streams);
  const destinations = listOf(flow.destinations);
  if (transformKql.trim() !== 'source') {
    throw invalid('InvalidTransformQuery', `Only the transformation 'source' is served here.`);
  }
  const stream = streams.find((name) => known.streams[name] === undefined);
  if (stream !== undefined) throw invalid('InvalidStream', `'${stream}' is not declared.`);
  const names = known.destinations.map(({ name }) => name);
  const destination = destinations.find((name) => !names.includes(name));
  if (destination !== undefined) {
    throw invalid('InvalidDestination', `Destination '${destination}' is not declared.`);
  }
}

/** JSON's null says nothing, be it in the place of a list or of one of its items. */
function listOf<T>(value: readonly T[] | null | undefined): readonly T[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.filter((item) => item !== null);
  throw invalid('InvalidProperty', 'A list was expected.');
}

function invalid(code: string, message: string): AzureFault {
  return new AzureFault(
    400,
    { code: 'InvalidPayload', message: 'Data collection rule is invalid' },
    { members: { details: [{ code, message }] } },
  );
}
