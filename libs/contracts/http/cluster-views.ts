import { z } from 'zod';
import { parseClusterId } from '#libs/domain/azure-ids.ts';
import type { Cluster } from '#libs/domain/cluster.ts';
import { newVersionPolicy } from './provision-body.ts';
import { findingView } from './operation-views.ts';
import { pageOf, pageQuery } from './paging.ts';

const states = [
  'absent',
  'provisioning',
  'unprotected',
  'protected',
  'revoked',
  'deleted',
] as const satisfies readonly Cluster['state'][];

/** A cluster as Keyturn knows it. */
export const clusterView = z
  .object({
    id: z.string().meta({ description: 'Resource id.' }),
    subscriptionId: z.string(),
    resourceGroup: z.string(),
    name: z.string(),
    state: z.enum(states),
    region: z.string().optional(),
    capacityGbPerDay: z.number().optional(),
    doubleEncryption: z
      .boolean()
      .optional()
      .meta({ description: 'Whether its storage is encrypted twice.' }),
    principalId: z.string().optional(),
    key: z
      .object({ kid: z.string(), mode: z.enum(['explicit', 'automatic']), boundAt: z.string() })
      .optional(),
    onNewVersion: newVersionPolicy,
    revokedAt: z
      .string()
      .optional()
      .meta({ description: 'When its access to the key was taken away, while it is.' }),
    linkedWorkspaces: z.int(),
    operations: z
      .array(z.object({ id: z.string(), kind: z.string() }))
      .readonly()
      .meta({ description: 'Running operations, oldest first.' }),
    findings: z
      .object({ top: z.array(findingView).readonly(), count: z.int() })
      .meta({ description: 'The five gravest, and how many there are.' }),
    deadlines: z
      .array(z.object({ operationId: z.string().optional(), reason: z.string(), at: z.string() }))
      .readonly()
      .meta({
        description:
          'What operations wait for, and, without one, when a deleted vault or key is purged (vault_purged, key_purged); the next first.',
      }),
    seq: z.int(),
  })
  .meta({ id: 'Cluster' });

/** The body of `PATCH /v1/clusters/{…}`: how Keyturn looks after it. */
export const policyBody = z
  .strictObject({ onNewVersion: newVersionPolicy.unwrap() })
  .meta({ id: 'PolicyBody' });

export type PolicyBody = z.output<typeof policyBody>;

export type ClusterView = z.infer<typeof clusterView>;

/** A page of clusters. */
export const clusterList = pageOf(clusterView).meta({ id: 'ClusterList' });

export type ClusterList = z.infer<typeof clusterList>;

/** The query of `GET /v1/clusters`. */
export const clusterQuery = z.strictObject({
  ...pageQuery,
  state: z.enum(states).exclude(['absent']).optional(),
  region: z.string().optional(),
  subscription: z.string().optional(),
});

export type ClusterQuery = z.output<typeof clusterQuery>;

/** A cluster's place in the addresses of the API. */
export const clusterPath = z.strictObject({
  subscriptionId: z.string().min(1),
  resourceGroup: z.string().min(1),
  name: z.string().min(1),
});

export type ClusterPath = z.output<typeof clusterPath>;

/** The card of a cluster, as the contract shows it. Throws when the card's id is none. */
export function toClusterView(cluster: Cluster): ClusterView {
  const names = parseClusterId(cluster.id);
  if (names === undefined) throw new Error(`reading the card of ${cluster.id}: not a cluster's id`);
  return { ...names, ...cluster };
}
