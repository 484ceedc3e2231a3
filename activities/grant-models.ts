import type { Azure, Call, RoleAssignmentFacts, VaultFacts } from '#libs/azure/azure.ts';
import { sameId } from '#libs/domain/azure-ids.ts';
import {
  clusterKeyPermissions,
  ownKeyPermissions,
  roles,
  rolesThatUnwrap,
} from '#libs/domain/service-rules.ts';

import { holds } from './access-policies.ts';
import { vaultIdOf } from './resource-ids.ts';

/** The same right in both models: words of an access policy, and a built-in role. */
export interface Grant {
  readonly words: readonly string[];
  readonly role: string;
  readonly roleName: string;
}

/** What Keyturn needs itself. */
export const ownGrant: Grant = {
  words: ownKeyPermissions,
  role: roles.cryptoOfficer,
  roleName: 'Key Vault Crypto Officer',
};

/** What a cluster's identity needs (R46). */
export const clusterGrant: Grant = {
  words: clusterKeyPermissions,
  role: roles.cryptoServiceEncryptionUser,
  roleName: 'Key Vault Crypto Service Encryption User',
};

export interface Grantee {
  readonly vault: VaultFacts;
  readonly principalId: string;
}

export interface GrantsFound {
  readonly atVault: boolean;
  readonly elsewhere: readonly string[];
}

/** How a vault lets somebody in: a vault goes by its access policies or by roles, never by both. */
export interface GrantModel {
  readonly name: 'access-policy' | 'role';
  /** The grant in the words that people see. */
  permissions(grant: Grant): readonly string[];
  has(grantee: Grantee, grant: Grant, call: Call): Promise<boolean>;
  add(grantee: Grantee, grant: Grant, call: Call): Promise<void>;
  /** Where a principal is let in from: the vault itself, and elsewhere by scope or group. */
  find(grantee: Grantee, call: Call): Promise<GrantsFound>;
  /** Takes away what was given at the vault itself; what is inherited is not ours to take. */
  remove(grantee: Grantee, grant: Grant, call: Call): Promise<void>;
}

/** The model that a vault goes by. */
export const grantModelOf = (azure: Azure, { rbac }: VaultFacts): GrantModel =>
  rbac ? byRoles(azure) : byAccessPolicies(azure);

function byAccessPolicies(azure: Azure): GrantModel {
  return {
    name: 'access-policy',
    permissions: ({ words }) => words,
    has: async ({ vault, principalId }, { words }) =>
      await Promise.resolve(holds(vault, { principalId, permissions: words })),
    async add({ vault, principalId: objectId }, { words: keyPermissions }, call) {
      const { tenantId } = vault;
      await azure.vaults.addAccess(
        vaultIdOf(vault.id),
        { objectId, tenantId, keyPermissions },
        call,
      );
    },
    find: async ({ vault, principalId }) =>
      await Promise.resolve({
        atVault: vault.accessPolicies.some(({ objectId }) => sameId(objectId, principalId)),
        elsewhere: [],
      }),
    async remove({ vault, principalId }, _, call) {
      if (!vault.accessPolicies.some(({ objectId }) => sameId(objectId, principalId))) return;
      const grantee = { objectId: principalId, tenantId: vault.tenantId };
      await azure.vaults.removeAccess(vaultIdOf(vault.id), grantee, call);
    },
  };
}

function byRoles(azure: Azure): GrantModel {
  const assignments = async ({ vault, principalId }: Grantee, { role }: Grant, call: Call) => {
    const { value } = await azure.roles.assignments({ scope: vault.id, principalId }, call);
    return value.filter((assignment) => assignment.role === role);
  };
  return {
    name: 'role',
    permissions: ({ roleName }) => [roleName],
    has: async (grantee, grant, call) => (await assignments(grantee, grant, call)).length > 0,
    async add({ vault, principalId }, { role }, call) {
      await azure.roles.assign({ scope: vault.id, principalId, role }, call);
    },
    async find({ vault, principalId }, call) {
      const { value } = await azure.roles.assignments({ scope: vault.id, principalId }, call);
      const usable = value.filter(({ role }) => rolesThatUnwrap.includes(role));
      const isOwn = (given: RoleAssignmentFacts) =>
        sameId(given.scope, vault.id) &&
        sameId(given.principalId, principalId) &&
        given.role === roles.cryptoServiceEncryptionUser;
      const elsewhere = usable.filter((given) => !isOwn(given)).map(({ id }) => id);
      return { atVault: usable.some(isOwn), elsewhere };
    },
    async remove(grantee, grant, call) {
      const given = await assignments(grantee, grant, call);
      const atVault = given.filter(({ scope }) => sameId(scope, grantee.vault.id));
      for (const { id } of atVault) await azure.roles.remove(id, call);
    },
  };
}
