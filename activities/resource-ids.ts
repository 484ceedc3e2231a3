import {
  parseVaultId,
  parseWorkspaceId,
  type VaultId,
  type WorkspaceId,
} from '#libs/domain/azure-ids.ts';

import { final } from './failures.ts';

/** The vault of a resource id. @throws ApplicationFailure NotAsExpected when the text is none */
export const vaultIdOf = (text: string): VaultId => required(parseVaultId(text), text, 'vault');

/** The workspace of a resource id. @throws ApplicationFailure NotAsExpected when the text is none */
export const workspaceIdOf = (text: string): WorkspaceId =>
  required(parseWorkspaceId(text), text, 'workspace');

function required<T>(id: T | undefined, text: string, what: string): T {
  if (id === undefined) throw final('NotAsExpected', `reading ${text}: not the id of a ${what}`);
  return id;
}
