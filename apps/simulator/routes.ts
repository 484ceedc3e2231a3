import { activityLogRoutes } from './arm/activity-log.ts';
import { moveRoutes } from './arm/move-routes.ts';
import { shellRoutes } from './arm/shell-routes.ts';
import { entraRoutes } from './entra/entra-routes.ts';
import { graphRoutes } from './entra/graph-routes.ts';
import { vaultRoutes } from './key-vault/routes.ts';
import { collectionRoutes } from './logs/collection-routes.ts';
import { diagnosticRoutes } from './logs/diagnostic-settings.ts';
import { ingestionRoutes } from './logs/ingestion.ts';
import { queryRoutes } from './logs/query-routes.ts';
import { authorizationRoutes } from './providers/authorization/routes.ts';
import { keyVaultRoutes } from './providers/key-vault/routes.ts';
import { userAssignedIdentityRoutes } from './providers/managed-identity/user-assigned-identities.ts';
import { clusterRoutes } from './providers/operational-insights/clusters.ts';
import { linkedServiceRoutes } from './providers/operational-insights/linked-services.ts';
import { linkedStorageRoutes } from './providers/operational-insights/linked-storage.ts';
import { operationRoutes } from './providers/operational-insights/operations.ts';
import { savedSearchRoutes } from './providers/operational-insights/saved-searches.ts';
import { workspaceRoutes } from './providers/operational-insights/workspaces.ts';
import { storageAccountRoutes } from './providers/storage/storage-accounts.ts';
import type { Route } from './route.ts';

/** Everything the simulator answers; any other request is Azure's own 404 and marked `unimplemented`. */
export const routes: readonly Route[] = [
  ...entraRoutes,
  ...graphRoutes,
  ...shellRoutes,
  ...moveRoutes,
  ...activityLogRoutes,
  ...clusterRoutes,
  ...workspaceRoutes,
  ...linkedServiceRoutes,
  ...linkedStorageRoutes,
  ...savedSearchRoutes,
  ...storageAccountRoutes,
  ...operationRoutes,
  ...userAssignedIdentityRoutes,
  ...keyVaultRoutes,
  ...authorizationRoutes,
  ...vaultRoutes,
  ...collectionRoutes,
  ...diagnosticRoutes,
  ...ingestionRoutes,
  ...queryRoutes,
];
