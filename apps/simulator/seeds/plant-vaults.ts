import { randomUUID } from 'node:crypto';
import type { StoredPrincipal } from '../entra/directory.ts';
import { makeKeyLike } from '../key-vault/key-crypto.ts';
import { findKey, findVersion, saveKey, saveVersion } from '../key-vault/key-documents.ts';
import { addVersion, deleteKey, planRotation } from '../key-vault/key-lifecycle.ts';
import { findVault, saveVault } from '../key-vault/vault-documents.ts';
import type { AccessPolicy, Vault } from '../key-vault/vault-documents.ts';
import { giveRole } from '../providers/authorization/role-assignments.ts';
import type { Transaction } from '../store.ts';
import type { SeedKey, SeedKeyVersion, SeedVault } from './seed-shape.ts';

/** Where something of a seed stands. */
export interface Ground {
  readonly subscriptionId: string;
  readonly tenantId: string;
  /** ARM id of the group. */
  readonly group: string;
  readonly resourceGroup: string;
  readonly location: string;
}

const DAY_MS = 86_400_000;
const KEY_OPERATIONS = ['encrypt', 'decrypt', 'sign', 'verify', 'wrapKey', 'unwrapKey'];

/** What people and Keyturn may do with a vault's keys, by both models. */
const holders = [
  { name: 'owner', role: 'Key Vault Administrator', words: ['all'] },
  {
    name: 'keyturn',
    role: 'Key Vault Crypto Officer',
    words:
      'get list create import update delete recover rotate getrotationpolicy setrotationpolicy'.split(
        ' ',
      ),
  },
];

/** Makes the vault with its keys, all of it sound: recoverable, enabled, valid. Flaws come last. */
export function plantVault(tx: Transaction, wanted: SeedVault, ground: Ground): void {
  const { tenantId, location, subscriptionId, resourceGroup } = ground;
  const createdAt = tx.now - 500 * DAY_MS;
  const [owner] = principalsNamed(tx, 'owner');
  const vault: Vault = {
    name: wanted.name,
    id: `${ground.group}/providers/Microsoft.KeyVault/vaults/${wanted.name}`,
    subscriptionId,
    resourceGroup,
    location,
    tags: {},
    tenantId,
    sku: { family: 'A', name: 'standard' },
    accessPolicies: [],
    policySnapshots: [],
    enableSoftDelete: true,
    softDeleteRetentionInDays: 90,
    enablePurgeProtection: true,
    enableRbacAuthorization: wanted.model === 'roles',
    enabledForDeployment: false,
    enabledForDiskEncryption: false,
    enabledForTemplateDeployment: false,
    publicNetworkAccess: 'Enabled',
    dnsReadyAt: createdAt,
    createdAt,
    createdBy: owner?.objectId ?? '',
    modifiedAt: createdAt,
    modifiedBy: owner?.objectId ?? '',
  };
  saveVault(tx, vault);
  for (const { name, role, words } of holders) {
    for (const { objectId } of principalsNamed(tx, name)) {
      grantOn(tx, { vault: wanted.name, objectId, role, words });
    }
  }
  for (const key of wanted.keys) plantKey(tx, wanted.name, key);
}

/** A grant in force at once, by the vault's own model. */
export function grantOn(
  tx: Transaction,
  grant: { vault: string; objectId: string; role: string; words: string[] },
): void {
  const vault = requireVault(tx, grant.vault);
  const { objectId, role } = grant;
  if (vault.enableRbacAuthorization) {
    giveRole(tx, { scope: vault.id, principalId: objectId, role, name: randomUUID() });
    return;
  }
  const policy = { tenantId: vault.tenantId, objectId, permissions: { keys: grant.words } };
  setPolicies(tx, vault, [...vault.accessPolicies, policy]);
}

/** Access policies as if they had always been these. */
export function setPolicies(tx: Transaction, vault: Vault, policies: AccessPolicy[]): void {
  const policySnapshots = [{ from: vault.createdAt, policies }];
  saveVault(tx, { ...vault, accessPolicies: policies, policySnapshots });
}

/** What is wrong with the vault and its keys, once the clusters are bound. */
export function flawVault(tx: Transaction, wanted: SeedVault): void {
  const vault = requireVault(tx, wanted.name);
  saveVault(tx, { ...vault, enablePurgeProtection: wanted.purgeProtection !== false });
  for (const key of wanted.keys) flawKey(tx, wanted.name, key);
}

export function requireVault(tx: Transaction, name: string): Vault {
  const vault = findVault(tx, name);
  if (!vault) throw new Error(`applying a seed: there is no vault ${name}`);
  return vault;
}

function plantKey(tx: Transaction, vault: string, key: SeedKey): void {
  for (const { ageDays } of key.versions) {
    const made = addVersion(
      tx,
      { vault, name: key.name },
      {
        version: { kty: 'RSA', bits: 2048, keyOps: KEY_OPERATIONS, enabled: true },
        jwk: makeKeyLike({ bits: 2048 }),
      },
    );
    const createdAt = tx.now - ageDays * DAY_MS;
    saveVersion(tx, { ...made, createdAt, updatedAt: createdAt });
  }
  const record = findKey(tx, vault, key.name);
  if (!record || !key.rotation) return;
  const { timeAfterCreate, expiryTime } = key.rotation;
  const rotationPolicy = {
    lifetimeActions: [{ trigger: { timeAfterCreate }, action: { type: 'Rotate' } }],
    ...(expiryTime !== undefined && { expiryTime }),
    createdAt: tx.now,
    updatedAt: tx.now,
  };
  planRotation(tx, { ...record, rotationPolicy });
}

function flawKey(tx: Transaction, vaultName: string, key: SeedKey): void {
  const record = findKey(tx, vaultName, key.name);
  if (!record) return;
  saveKey(tx, { ...record, usableFrom: tx.now - DAY_MS });
  record.versions.forEach((version, index) => {
    const kept = findVersion(tx, record, version);
    const flaw: SeedKeyVersion | undefined = key.versions[index];
    if (!kept || !flaw) return;
    const { expiresInDays } = flaw;
    saveVersion(tx, {
      ...kept,
      enabled: flaw.disabled !== true,
      ...(expiresInDays !== undefined && { expires: tx.now + expiresInDays * DAY_MS }),
    });
  });
  if (key.deleted === true) deleteKey(tx, requireVault(tx, vaultName), record);
}

function principalsNamed(tx: Transaction, name: string): StoredPrincipal[] {
  return tx
    .list<StoredPrincipal>('principals')
    .filter((principal) => principal.kind === 'application' && principal.name === name);
}
