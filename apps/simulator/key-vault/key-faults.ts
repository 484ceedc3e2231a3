import { AzureFault } from '../azure-fault.ts';
import type { Principal } from '../route.ts';
import type { KeyVersion } from './key-documents.ts';
import type { Vault } from './vault-documents.ts';

/** The refusals of the keys' data plane, in the words of azure-docs and of recorded answers. */

export function keyNotFound(name: string): AzureFault {
  return new AzureFault(404, {
    code: 'KeyNotFound',
    message: `A key with (name/id) ${name} was not found in this key vault. If you recently deleted this key you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182`,
  });
}

export function deletedKeyNotFound(name: string): AzureFault {
  return new AzureFault(404, {
    code: 'KeyNotFound',
    message: `Deleted Key not found: ${name}`,
  });
}

export function badParameter(message: string): AzureFault {
  return new AzureFault(400, { code: 'BadParameter', message });
}

/** A version that is switched off does no cryptography. */
export function keyDisabled(operation: string): AzureFault {
  return forbidden('KeyDisabled', `Operation ${operation} is not allowed on a disabled key.`);
}

/** Outside its validity a version wraps nothing; it still unwraps. */
export function outsideValidity(version: KeyVersion, operation: string): AzureFault {
  return forbidden(
    'KeyNotYetValidOrExpired',
    `Operation ${operation} is not allowed: key ${version.name} is not yet valid or has expired.`,
  );
}

export function operationNotPermitted(operation: string): AzureFault {
  return forbidden('KeyOperationForbidden', `Operation ${operation} is not permitted on this key.`);
}

export function beingDeleted(name: string): AzureFault {
  return conflict(
    'ObjectIsBeingDeleted',
    `Key ${name} is currently being deleted and cannot be re-created; retry later.`,
  );
}

export function beingRecovered(name: string): AzureFault {
  return conflict(
    'ObjectIsBeingRecovered',
    `Key ${name} is currently being recovered and cannot be used; retry later.`,
  );
}

export function deletedButRecoverable(name: string): AzureFault {
  return conflict(
    'ObjectIsDeletedButRecoverable',
    `Key ${name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the key can only be recovered or purged.`,
  );
}

/** Purge protection, or a vault without it but with no right to purge early (R28). */
export function purgeNotAllowed(): AzureFault {
  return forbidden('PurgeProtected', 'Operation "purge" is not enabled for this vault.');
}

export function forbiddenByFirewall(address: string): AzureFault {
  return forbidden(
    'ForbiddenByFirewall',
    `Client address (${address}) is not authorized and caller is not a trusted service`,
  );
}

export function forbiddenByConnection(): AzureFault {
  return forbidden(
    'ForbiddenByConnection',
    'Public network access is disabled and request is not from a trusted service nor via an approved private link.',
  );
}

interface Refused {
  vault: Vault;
  principal: Principal;
}

/** The caller's roles do not cover the action. */
export function forbiddenByRbac({
  vault,
  principal,
  action,
  resource,
}: Refused & { action: string; resource: string }): AzureFault {
  const lines = [
    'Caller is not authorized to perform action on resource.',
    'If role assignments, deny assignments or role definitions were changed recently, please observe propagation time.',
    `Caller: ${callerText(principal)}`,
    `Action: '${action}'`,
    `Resource: '${resource}'`,
    'Assignment: (not found)',
    'DenyAssignmentId: null',
    "DecisionReason: 'DeniedWithNoValidRBAC' ",
    `Vault: ${vault.name};location=${vault.location}`,
    '',
  ];
  return forbidden('ForbiddenByRbac', lines.join('\r\n'));
}

/** No access policy of the vault gives the caller the word. */
export function forbiddenByPolicy({
  vault,
  principal,
  permission,
}: Refused & { permission: string }): AzureFault {
  return forbidden(
    'ForbiddenByPolicy',
    `The user, group or application '${callerText(principal)}' does not have keys ${permission} permission on key vault '${vault.name};location=${vault.location}'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287`,
  );
}

function callerText({ clientId, objectId, tenantId }: Principal): string {
  return `appid=${clientId};oid=${objectId};iss=https://sts.windows.net/${tenantId}/`;
}

function forbidden(inner: string, message: string): AzureFault {
  return withInner(403, { code: 'Forbidden', message }, inner);
}

function conflict(inner: string, message: string): AzureFault {
  return withInner(409, { code: 'Conflict', message }, inner);
}

function withInner(
  status: number,
  error: { code: string; message: string },
  inner: string,
): AzureFault {
  return new AzureFault(status, error, { members: { innererror: { code: inner } } });
}
