import { settleAccess } from '../../storage/access.ts';
import { ACCESS_CHANGED } from '../../storage/access-news.ts';
import { normalRegion, requireGroup } from '../../arm/scopes.ts';
import { withPolicies } from '../../key-vault/access-policies.ts';
import { findDeletedVault, findVault, saveVault } from '../../key-vault/vault-documents.ts';
import type { Vault } from '../../key-vault/vault-documents.ts';
import type { Answer, Call } from '../../route.ts';
import { settingsOf } from '../../settings.ts';
import { recoverVault } from './deleted-vaults.ts';
import { readNetworkAcls, readPolicies, readRetention, refuseWeakening } from './vault-body.ts';
import type { VaultBody } from './vault-body.ts';
import {
  badVaultRequest,
  nameHeldByDeletedVault,
  otherLocation,
  vaultAlreadyExists,
  vaultNameNotValid,
  vaultNotFound,
} from './vault-faults.ts';
import { isVaultName } from './vault-names.ts';
import { vaultToArm } from './vault-view.ts';

/** Until a new vault's name resolves. */
const DNS_MS = 8000;
/** From this api-version on a new vault uses roles unless told otherwise (azure-docs, default of RBAC). */
const ROLES_BY_DEFAULT_SINCE = '2026-02-01';

type Properties = NonNullable<VaultBody['properties']>;

/** PUT: creates, recovers (`createMode`) or overwrites a vault. */
export function putVault(call: Call): Answer {
  const { tx } = call;
  const { vaultName = '' } = call.params;
  requireGroup(call);
  const body = readBody(call);
  if (!isVaultName(vaultName)) throw vaultNameNotValid(vaultName);
  if (body.properties?.createMode?.toLowerCase() === 'recover') {
    const recovered = recoverVault(call, body.location ?? '');
    return { status: 200, body: vaultToArm(recovered, tx.now) };
  }
  const existing = findVault(tx, vaultName);
  if (existing === undefined) return createVault(call, body);
  if (existing.id.toLowerCase() !== idOf(call).toLowerCase()) throw vaultAlreadyExists(vaultName);
  if (!sameLocation(existing.location, body.location ?? '')) throw otherLocation(existing);
  if (body.properties?.accessPolicies === undefined && !usesRoles(existing, body)) {
    throw badVaultRequest('The parameter accessPolicies is not specified.');
  }
  return change(call, existing, body);
}

/** PATCH: changes the members that are sent; `accessPolicies` and `tags` replace the whole. */
export function patchVault(call: Call): Answer {
  const { vaultName = '', resourceGroup = '' } = call.params;
  const existing = findVault(call.tx, vaultName);
  if (existing === undefined || existing.id.toLowerCase() !== idOf(call).toLowerCase()) {
    throw vaultNotFound(vaultName, resourceGroup);
  }
  return change(call, existing, readBody(call));
}

function createVault(call: Call, body: VaultBody): Answer {
  const { tx, principal } = call;
  const { vaultName = '', subscriptionId = '', resourceGroup = '' } = call.params;
  if (findDeletedVault(tx, vaultName) !== undefined) throw nameHeldByDeletedVault();
  const properties = requireProperties(body);
  const enableRbacAuthorization =
    properties.enableRbacAuthorization ?? call.apiVersion >= ROLES_BY_DEFAULT_SINCE;
  if (properties.accessPolicies === undefined && !enableRbacAuthorization) {
    throw badVaultRequest('The parameter accessPolicies is not specified.');
  }
  const enableSoftDelete = softDelete(call, properties);
  const creator = principal?.objectId ?? '';
  const vault: Vault = {
    name: vaultName,
    id: idOf(call),
    subscriptionId,
    resourceGroup,
    location: normalRegion(body.location ?? ''),
    tags: body.tags ?? {},
    tenantId: properties.tenantId ?? '',
    sku: readSku(properties),
    accessPolicies: [],
    policySnapshots: [],
    enableSoftDelete,
    softDeleteRetentionInDays: readRetention(properties.softDeleteRetentionInDays),
    enablePurgeProtection: properties.enablePurgeProtection === true,
    enableRbacAuthorization,
    ...flags(properties),
    publicNetworkAccess: properties.publicNetworkAccess ?? 'Enabled',
    ...(properties.networkAcls && { networkAcls: readNetworkAcls(properties.networkAcls) }),
    dnsReadyAt: tx.afterWork(DNS_MS, ACCESS_CHANGED, { vault: vaultName }),
    createdAt: tx.now,
    createdBy: creator,
    modifiedAt: tx.now,
    modifiedBy: creator,
  };
  const complete = withPolicies(tx, vault, readPolicies(properties.accessPolicies ?? []));
  saveVault(tx, complete);
  tx.note('vault created');
  return { status: 200, body: vaultToArm(complete, tx.now) };
}

function change(call: Call, existing: Vault, body: VaultBody): Answer {
  const { tx } = call;
  const properties = body.properties ?? {};
  refuseWeakening(existing, properties);
  const enableSoftDelete = existing.enableSoftDelete || properties.enableSoftDelete === true;
  const enablePurgeProtection =
    existing.enablePurgeProtection || properties.enablePurgeProtection === true;
  if (enablePurgeProtection && !enableSoftDelete) throw purgeProtectionAlone();
  const days = properties.softDeleteRetentionInDays ?? existing.softDeleteRetentionInDays;
  const changed: Vault = {
    ...existing,
    tags: body.tags ?? existing.tags,
    tenantId: properties.tenantId ?? existing.tenantId,
    sku: properties.sku === undefined ? existing.sku : readSku(properties),
    enableSoftDelete,
    enablePurgeProtection,
    softDeleteRetentionInDays: readRetention(days),
    enableRbacAuthorization: properties.enableRbacAuthorization ?? existing.enableRbacAuthorization,
    ...flags({ ...existing, ...properties }),
    publicNetworkAccess: properties.publicNetworkAccess ?? existing.publicNetworkAccess,
    ...(properties.networkAcls && { networkAcls: readNetworkAcls(properties.networkAcls) }),
    modifiedAt: tx.now,
    modifiedBy: call.principal?.objectId ?? '',
  };
  const policies =
    properties.accessPolicies === undefined
      ? existing.accessPolicies
      : readPolicies(properties.accessPolicies);
  const complete = withPolicies(tx, changed, policies);
  saveVault(tx, complete);
  settleAccess(tx);
  tx.note('vault changed');
  return { status: 200, body: vaultToArm(complete, tx.now) };
}

function readBody(call: Call): VaultBody {
  if (typeof call.body === 'object' && call.body !== null) return call.body;
  throw badVaultRequest('The request body is missing or malformed.');
}

function requireProperties(body: VaultBody): Properties {
  if (body.location === undefined || body.location === '') {
    throw badVaultRequest('The location property is required for this definition.');
  }
  const { properties } = body;
  if (properties?.tenantId === undefined) {
    throw badVaultRequest("An invalid value was provided for 'tenantId'.");
  }
  return properties;
}

function readSku(properties: Properties): Vault['sku'] {
  const name = properties.sku?.name?.toLowerCase();
  if (name === 'standard' || name === 'premium') return { family: 'A', name };
  throw badVaultRequest("An invalid value was provided for 'sku'.");
}

/** Soft-delete is on for every vault today; in 2021 it had to be asked for (4.1; R27). */
function softDelete(call: Call, properties: Properties): boolean {
  const asked = properties.enableSoftDelete;
  const enabled = settingsOf(call.tx).rules === '2021' ? asked === true : true;
  if (asked === false && enabled) {
    throw badVaultRequest('Soft delete is on for every vault and cannot be disabled.');
  }
  if (properties.enablePurgeProtection === true && !enabled) throw purgeProtectionAlone();
  return enabled;
}

function purgeProtectionAlone() {
  return badVaultRequest(
    'The property "enablePurgeProtection" requires "enableSoftDelete" to be set to true.',
  );
}

function flags(from: Properties) {
  return {
    enabledForDeployment: from.enabledForDeployment === true,
    enabledForDiskEncryption: from.enabledForDiskEncryption === true,
    enabledForTemplateDeployment: from.enabledForTemplateDeployment === true,
  };
}

function usesRoles(vault: Vault, body: VaultBody): boolean {
  return body.properties?.enableRbacAuthorization ?? vault.enableRbacAuthorization;
}

function idOf(call: Call): string {
  const { vaultName = '', subscriptionId = '', resourceGroup = '' } = call.params;
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.KeyVault/vaults/${vaultName}`;
}

function sameLocation(left: string, right: string): boolean {
  return normalRegion(left) === normalRegion(right);
}
