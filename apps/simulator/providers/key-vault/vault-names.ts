import { findDeletedVault, findVault } from '../../key-vault/vault-documents.ts';
import type { Answer, Call } from '../../route.ts';
import { vaultAlreadyExists, vaultNameNotValid } from './vault-faults.ts';

/** Whether a vault may be called that: 3-24 letters, digits and single hyphens, a letter first. */
export function isVaultName(name: string): boolean {
  return /^[a-z](?!.*--)[a-z\d-]{1,22}[a-z\d]$/i.test(name);
}

/** POST checkNameAvailability: names are unique in all of Azure, soft-deleted vaults included. */
export function checkVaultName(call: Call): Answer {
  const sent = (call.body as { name?: unknown } | undefined)?.name;
  const name = typeof sent === 'string' ? sent : '';
  if (!isVaultName(name)) {
    const { message } = vaultNameNotValid(name);
    return { status: 200, body: { nameAvailable: false, reason: 'AccountNameInvalid', message } };
  }
  const taken =
    findVault(call.tx, name) !== undefined || findDeletedVault(call.tx, name) !== undefined;
  if (!taken) return { status: 200, body: { nameAvailable: true } };
  const { message } = vaultAlreadyExists(name);
  return { status: 200, body: { nameAvailable: false, reason: 'AlreadyExists', message } };
}
