import type { Route } from '../../route.ts';
import { resourceListRoute } from './resources.ts';
import { vaultResourceRoutes } from './vaults.ts';

/** Microsoft.KeyVault in ARM, and the list of resources by type. */
export const keyVaultRoutes: readonly Route[] = [...vaultResourceRoutes, resourceListRoute];
