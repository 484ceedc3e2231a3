import type { Shape } from '../../body-shape.ts';
import { settleAccess } from '../../storage/access.ts';
import {
  addPolicies,
  removePolicies,
  replacePolicies,
  withPolicies,
} from '../../key-vault/access-policies.ts';
import { findVault, saveVault } from '../../key-vault/vault-documents.ts';
import type { Vault } from '../../key-vault/vault-documents.ts';
import type { Answer, Call, Route } from '../../route.ts';
import {
  deleteVault,
  getDeletedVault,
  listDeletedVaults,
  purgeResult,
  purgeVault,
} from './deleted-vaults.ts';
import { readPolicies, vaultShape } from './vault-body.ts';
import { badVaultRequest, vaultNotFound } from './vault-faults.ts';
import { checkVaultName } from './vault-names.ts';
import { vaultToArm } from './vault-view.ts';
import { patchVault, putVault } from './write-vault.ts';

const SUBSCRIPTION = '/subscriptions/{subscriptionId}';
const PROVIDER = `${SUBSCRIPTION}/providers/Microsoft.KeyVault`;
const GROUP = `${SUBSCRIPTION}/resourceGroups/{resourceGroup}/providers/Microsoft.KeyVault/vaults`;
const VAULT = `${GROUP}/{vaultName}`;

const apiVersions = [
  '2021-10-01',
  '2021-11-01-preview',
  '2022-07-01',
  '2022-11-01',
  '2023-02-01',
  '2023-07-01',
  '2024-04-01-preview',
  '2024-11-01',
  '2024-12-01-preview',
  '2025-05-01',
  '2026-02-01',
  '2026-05-15',
];

/** Microsoft.KeyVault/vaults and deletedVaults, in ARM. */
export const vaultResourceRoutes: readonly Route[] = [
  route('PUT', VAULT, 'vaults/write', putVault, vaultShape),
  route('GET', VAULT, 'vaults/read', getVault),
  route('PATCH', VAULT, 'vaults/write', patchVault, vaultShape),
  route('DELETE', VAULT, 'vaults/delete', removeVault),
  route(
    'PUT',
    `${VAULT}/accessPolicies/{kind}`,
    'vaults/accessPolicies/write',
    putPolicies,
    vaultShape,
  ),
  route('GET', GROUP, 'vaults/read', listVaults),
  route('GET', `${PROVIDER}/vaults`, 'vaults/read', listVaults),
  route('GET', `${PROVIDER}/deletedVaults`, 'deletedVaults/read', listDeletedVaults),
  route(
    'GET',
    `${PROVIDER}/locations/{location}/deletedVaults/{vaultName}`,
    'locations/deletedVaults/read',
    getDeletedVault,
  ),
  route(
    'POST',
    `${PROVIDER}/locations/{location}/deletedVaults/{vaultName}/purge`,
    'locations/deletedVaults/purge/action',
    purgeVault,
  ),
  route(
    'GET',
    `${PROVIDER}/locations/{location}/operationResults/{operation}`,
    'locations/operationResults/read',
    purgeResult,
  ),
  route('POST', `${PROVIDER}/checkNameAvailability`, 'checkNameAvailability/read', checkVaultName),
];

function route(
  ...[method, path, action, handle, body]: [string, string, string, Route['handle'], Shape?]
): Route {
  return {
    service: 'arm',
    method,
    path,
    apiVersions,
    action: `Microsoft.KeyVault/${action}`,
    ...(body && { body }),
    handle,
  };
}

function getVault(call: Call): Answer {
  return { status: 200, body: vaultToArm(requireVault(call), call.tx.now) };
}

/** The list of a resource group or of a whole subscription. */
function listVaults(call: Call): Answer {
  const { subscriptionId = '', resourceGroup } = call.params;
  const value = call.tx
    .list<Vault>('vaults')
    .filter((vault) => vault.subscriptionId.toLowerCase() === subscriptionId.toLowerCase())
    .filter(
      (vault) =>
        resourceGroup === undefined ||
        vault.resourceGroup.toLowerCase() === resourceGroup.toLowerCase(),
    )
    .map((vault) => vaultToArm(vault, call.tx.now));
  return { status: 200, body: { value } };
}

function removeVault(call: Call): Answer {
  const vault = findAsked(call);
  if (vault === undefined) return { status: 204 };
  deleteVault(call.tx, vault);
  return { status: 200 };
}

/** PUT accessPolicies/{add|replace|remove}: the safe way to change one grant (4.4). */
function putPolicies(call: Call): Answer {
  const { tx } = call;
  const vault = requireVault(call);
  const body = call.body as { properties?: { accessPolicies?: unknown } } | undefined;
  const sent = readPolicies(body?.properties?.accessPolicies);
  const combine = { add: addPolicies, replace: replacePolicies, remove: removePolicies }[
    (call.params.kind ?? '').toLowerCase()
  ];
  if (combine === undefined) {
    throw badVaultRequest(`The operation kind '${call.params.kind ?? ''}' is not valid.`);
  }
  const policies = readPolicies(combine(vault.accessPolicies, sent));
  saveVault(tx, withPolicies(tx, vault, policies));
  settleAccess(tx);
  tx.note('access policies changed');
  return {
    status: 200,
    body: {
      id: `${vault.id}/accessPolicies/`,
      type: 'Microsoft.KeyVault/vaults/accessPolicies',
      properties: { accessPolicies: policies },
    },
  };
}

function requireVault(call: Call): Vault {
  const { vaultName = '', resourceGroup = '' } = call.params;
  const vault = findAsked(call);
  if (vault === undefined) throw vaultNotFound(vaultName, resourceGroup);
  return vault;
}

function findAsked(call: Call): Vault | undefined {
  const { vaultName = '', subscriptionId = '', resourceGroup = '' } = call.params;
  const vault = findVault(call.tx, vaultName);
  const there =
    vault?.subscriptionId.toLowerCase() === subscriptionId.toLowerCase() &&
    vault.resourceGroup.toLowerCase() === resourceGroup.toLowerCase();
  return there ? vault : undefined;
}
