import type { Azure, Call, VaultFacts } from '#libs/azure/azure.ts';
import { sameId } from '#libs/domain/azure-ids.ts';
import type { KeyUsers } from '#libs/domain/revocation.ts';
import { rolesThatUnwrap } from '#libs/domain/service-rules.ts';

import type { UsersSeen } from './retirement.ts';

interface Question {
  readonly vault: VaultFacts;
  readonly keyName: string;
  /** Resource id and principal of the cluster that is asked for. */
  readonly own: { readonly clusterId: string; readonly principalId: string };
  /** Every cluster that could be read, and which of them are on the key. */
  readonly seen: UsersSeen;
}

/** Words of an access policy that use a key for what it protects. */
const usingWords: readonly string[] = ['unwrapkey', 'decrypt', 'sign', 'all'];

/** Who loses a key with its versions: other clusters on it, and whoever else the vault lets use it. */
export async function readKeyUsers(
  azure: Azure,
  { vault, keyName, own, seen }: Question,
  call: Call,
): Promise<KeyUsers> {
  const ids = seen.users.map(({ id }) => id).filter((id) => !sameId(id, own.clusterId));
  const bound = seen.clusters.filter(({ id }) => ids.includes(id));
  const known = [
    own.principalId,
    await azure.self(),
    ...bound.map(({ principalId = '' }) => principalId),
  ];
  const users = await principalsOf(azure, { vault, keyName }, call);
  const others = users.filter((id) => !known.some((other) => sameId(other, id)));
  return {
    clusters: ids.toSorted(),
    principals: [...new Set(others.map((id) => id.toLowerCase()))].toSorted(),
    unread: seen.unread,
  };
}

/** Object ids of all that may use the key, by the model the vault goes by. */
async function principalsOf(
  azure: Azure,
  { vault, keyName }: { vault: VaultFacts; keyName: string },
  call: Call,
): Promise<string[]> {
  if (vault.rbac) {
    const { value } = await azure.roles.assignmentsAt(`${vault.id}/keys/${keyName}`, call);
    return value
      .filter(({ role }) => rolesThatUnwrap.includes(role))
      .map(({ principalId }) => principalId);
  }
  return vault.accessPolicies
    .filter(({ keyPermissions }) =>
      keyPermissions.some((word) => usingWords.includes(word.toLowerCase())),
    )
    .map(({ objectId }) => objectId);
}
