import { z } from 'zod';
import {
  parseUserAssignedIdentityId,
  parseVaultId,
  parseWorkspaceId,
} from '#libs/domain/azure-ids.ts';
import type { FieldGuides } from './reading.ts';

/**
 * The provision request as it is sent: its form only. What Azure's rules say about the values is
 * checked by `provision-rules.ts`, so that a client can tell a slip of form from a refusal.
 */

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;
const resourceGroupName = /^[-\w.()]{0,89}[-\w()]$/u;
const vaultExample =
  '/subscriptions/…/resourceGroups/…/providers/Microsoft.KeyVault/vaults/… (a resource id)';
const identityExample =
  '/subscriptions/…/resourceGroups/…/providers/Microsoft.ManagedIdentity/userAssignedIdentities/… (a resource id)';
const workspaceExample =
  '/subscriptions/…/resourceGroups/…/providers/Microsoft.OperationalInsights/workspaces/… (a resource id)';

const clusterName = z.strictObject({
  subscriptionId: z.string().regex(uuid, 'must be a UUID').meta({ format: 'uuid' }),
  resourceGroup: z
    .string()
    .regex(resourceGroupName, 'must be 1 to 90 letters, digits, -, _, ., ( or ), not ending in .'),
  name: z.string().min(1, 'must not be empty'),
});

const identity = z
  .strictObject({
    type: z.enum(['SystemAssigned', 'UserAssigned']),
    userAssignedIdentityId: z
      .string()
      .refine(
        (text) => parseUserAssignedIdentityId(text) !== undefined,
        `must be like ${identityExample}`,
      )
      .optional(),
  })
  .meta({ description: 'Whose identity the cluster uses the key with; its own if absent.' });

/** Which key is to protect a cluster. */
export const keyBody = z.strictObject({
  vaultId: z
    .string()
    .refine((text) => parseVaultId(text) !== undefined, `must be like ${vaultExample}`)
    .meta({ description: 'Resource id of the vault; it is made if it does not exist.' }),
  name: z.string().regex(/^[0-9A-Za-z-]{1,127}$/u, 'must be 1 to 127 letters, digits or -'),
  mode: z
    .enum(['explicit', 'automatic'])
    .default('explicit')
    .meta({ description: '`explicit` binds one version, `automatic` follows the latest.' }),
  source: z
    .union(
      [
        z.enum(['generate', 'use']),
        z.strictObject({
          importFrom: z
            .string()
            .regex(/^[^./\\][^/\\]*$/u, 'must be the name of a file, without a path'),
        }),
      ],
      {
        error: (issue) =>
          issue.input === undefined
            ? 'is missing'
            : 'must be generate, use, or { importFrom: name of a file }',
      },
    )
    .meta({
      description:
        '`generate` makes a key, `use` takes one of the vault, `importFrom` names a file (PEM or JWK) in the import folder of the worker.',
    }),
  sizeBits: z.int().optional().meta({ description: 'For source `generate`; 3072 if absent.' }),
  version: z
    .string()
    .regex(/^[0-9a-f]{32}$/iu, 'must be 32 hexadecimal digits')
    .optional()
    .meta({ description: 'With source `use` and mode `explicit`; the latest if absent.' }),
});

/** What is done when a version appears in the vault. */
export const newVersionPolicy = z.enum(['bind', 'report']).optional().meta({
  description:
    'What to do when a version appears in the vault that the cluster does not use; `report` if absent.',
});

/** The body of `POST /v1/clusters`. */
export const provisionBody = z
  .strictObject({
    cluster: clusterName,
    region: z.string().regex(/^[A-Za-z][A-Za-z0-9 ]*$/u, 'must be the name of an Azure region'),
    capacityGbPerDay: z.int().positive('must be more than 0').meta({
      description: 'Commitment tier. Writing the number is the yes to its cost.',
    }),
    billingType: z.enum(['Cluster', 'Workspaces']).default('Cluster'),
    identity: identity.optional(),
    doubleEncryption: z
      .boolean()
      .default(true)
      .meta({ description: 'Cannot be changed after creation.' }),
    key: keyBody,
    workspaces: z
      .array(
        z
          .string()
          .refine(
            (text) => parseWorkspaceId(text) !== undefined,
            `must be like ${workspaceExample}`,
          ),
      )
      .default([])
      .meta({ description: 'Resource ids of the workspaces to link.' }),
    onNameReserved: z.enum(['wait', 'refuse']).default('refuse').meta({
      description: 'What to do when a deleted cluster still holds the name.',
    }),
    onExisting: z.enum(['adopt', 'refuse']).default('refuse').meta({
      description:
        'What to do when the cluster is there: `adopt` looks after it from now on and changes nothing.',
    }),
    onNewVersion: newVersionPolicy,
    tags: z.record(z.string(), z.string()).default({}),
    planOnly: z.boolean().default(false).meta({ description: 'End after the plan.' }),
    acceptPlan: z
      .string()
      .regex(/^[0-9a-f]{64}$/u, 'must be the hash of a plan')
      .optional()
      .meta({ description: 'The hash of a plan seen before; another plan stops and asks.' }),
  })
  .meta({ id: 'ProvisionBody' });

export type ProvisionBody = z.output<typeof provisionBody>;
/** What a client writes: members with a default may be left out. */
export type ProvisionBodyInput = z.input<typeof provisionBody>;

/** For each field: the rule it comes from, and what to do. */
export const provisionGuides: FieldGuides = {
  '(body)': { rule: 'R101', remedy: 'Send one JSON object.' },
  cluster: { rule: 'R100', remedy: 'Name subscriptionId, resourceGroup and name of the cluster.' },
  'cluster.subscriptionId': { rule: 'R174', remedy: 'Give the id of the subscription.' },
  'cluster.resourceGroup': { rule: 'R174', remedy: 'Give the name of the resource group.' },
  'cluster.name': { rule: 'R100', remedy: 'Choose another name for the cluster.' },
  region: { rule: 'R11', remedy: 'Name the region of vault, cluster and workspaces.' },
  capacityGbPerDay: { rule: 'R6', remedy: 'Give a commitment tier in GB per day.' },
  billingType: { rule: 'R62', remedy: 'Choose Cluster or Workspaces, or leave it out.' },
  identity: { rule: 'R33', remedy: 'Leave it out, or give type and userAssignedIdentityId.' },
  'identity.type': { rule: 'R33', remedy: 'Choose SystemAssigned or UserAssigned.' },
  'identity.userAssignedIdentityId': {
    rule: 'R33',
    remedy: 'Give the resource id of the identity with UserAssigned, and only with it.',
  },
  doubleEncryption: { rule: 'R40', remedy: 'Give true or false, or leave it out.' },
  key: { rule: 'R30', remedy: 'Say which key protects the cluster.' },
  'key.vaultId': { rule: 'R25', remedy: 'Give the resource id of the vault.' },
  'key.name': { rule: 'R30', remedy: 'Give the name of the key.' },
  'key.mode': { rule: 'R93', remedy: 'Choose explicit or automatic.' },
  'key.source': {
    rule: 'R25',
    remedy:
      'Choose "generate" for a new key, "use" for an existing one, { "importFrom": file } for your own.',
  },
  'key.source.importFrom': {
    rule: 'R25',
    remedy: 'Put the file into the import folder of the worker and give its name.',
  },
  'key.sizeBits': { rule: 'R29', remedy: 'Leave it out, or choose a size that is allowed.' },
  'key.version': { rule: 'R30', remedy: 'Give the version as Key Vault shows it.' },
  workspaces: { rule: 'R69', remedy: 'Give a list of resource ids.' },
  'workspaces[]': { rule: 'R69', remedy: 'Give the resource id of the workspace.' },
  onNameReserved: { rule: 'R43', remedy: 'Choose wait or refuse.' },
  onExisting: { remedy: 'Choose adopt or refuse.' },
  onNewVersion: { rule: 'R95', remedy: 'Choose bind or report, or leave it out.' },
  planOnly: { remedy: 'Give true or false, or leave it out.' },
  acceptPlan: { remedy: 'Give the hash of the plan, or leave it out.' },
};
