import type { VaultFacts } from '#libs/azure/azure.ts';
import { sameId } from '#libs/domain/azure-ids.ts';

/** Who is to have which words of an access policy. */
interface Access {
  readonly principalId: string;
  readonly permissions: readonly string[];
}

/** Whether the principal's policy has all permissions; words are compared without case (azure-domain 4.4). */
export function holds(
  vault: Pick<VaultFacts, 'accessPolicies'>,
  { principalId, permissions }: Access,
): boolean {
  const held = vault.accessPolicies
    .filter(({ objectId }) => sameId(objectId, principalId))
    .flatMap(({ keyPermissions }) => keyPermissions.map((word) => word.toLowerCase()));
  return permissions.every((word) => held.includes(word.toLowerCase()) || held.includes('all'));
}
