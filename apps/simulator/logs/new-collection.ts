import { createHash, randomBytes } from 'node:crypto';
import type { CollectionEndpoint, CollectionRule } from './documents.ts';

interface Place {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly tags: Record<string, string>;
}

/** An endpoint as Azure makes it: its host carries a few letters that keep it apart from its namesakes. */
export function newEndpoint(place: Place): CollectionEndpoint {
  const digest = createHash('sha256').update(place.id.toLowerCase()).digest('hex');
  const label = `${place.name.toLowerCase().replaceAll(/[^a-z0-9-]/gu, '-')}-${digest.slice(0, 4)}`;
  const region = `${place.location}-1`;
  return {
    ...place,
    immutableId: `dce-${randomBytes(16).toString('hex')}`,
    logsHost: `${label}.${region}.ingest.monitor.azure.com`,
    configurationHost: `${label}.${region}.handler.control.monitor.azure.com`,
  };
}

/** A rule with an immutable id of its own. */
export function newRule(
  place: Place,
  rest: Pick<CollectionRule, 'streams' | 'destinations' | 'flows' | 'endpointId'>,
): CollectionRule {
  return { ...place, immutableId: `dcr-${randomBytes(16).toString('hex')}`, ...rest };
}
