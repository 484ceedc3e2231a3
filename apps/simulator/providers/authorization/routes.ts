import type { Route } from '../../route.ts';
import { permissionRoutes } from './permissions.ts';
import { roleAssignmentRoutes } from './role-assignments.ts';
import { roleDefinitionRoutes } from './role-definitions.ts';

/** Microsoft.Authorization as a whole. */
export const authorizationRoutes: readonly Route[] = [
  ...permissionRoutes,
  ...roleAssignmentRoutes,
  ...roleDefinitionRoutes,
];
