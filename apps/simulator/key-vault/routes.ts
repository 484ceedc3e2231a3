import type { Route } from '../route.ts';
import { createOperations } from './create-keys.ts';
import { deletedKeyOperations } from './deleted-keys.ts';
import { readOperationsOfKeys } from './read-keys.ts';
import { rotationPolicyOperations } from './rotation-policies.ts';
import { useOperations } from './use-keys.ts';
import { toRoute } from './vault-door.ts';

/** The keys' data plane of every vault. Fixed last segments come before the one that takes any version. */
export const vaultRoutes: readonly Route[] = [
  ...createOperations,
  ...rotationPolicyOperations,
  ...useOperations,
  ...deletedKeyOperations,
  ...readOperationsOfKeys,
].map(toRoute);
