import { authorize } from '../authorization.ts';
import { AzureFault } from '../azure-fault.ts';
import type { Call } from '../route.ts';

/**
 * A write that leans on another resource needs a right there too (R68, and `assign` on a user-assigned identity).
 * `own` is the action of the write itself. Throws 403 LinkedAuthorizationFailed.
 */
export function requireLinkedRight(
  call: Call,
  needed: { own: string; action: string; resource: string },
): void {
  const { own, action, resource } = needed;
  const objectId = call.principal?.objectId ?? '';
  const wanted = { principalId: objectId, action, resource, kind: 'action' as const };
  if (authorize(call.tx, wanted).allowed) return;
  throw new AzureFault(403, {
    code: 'LinkedAuthorizationFailed',
    message: `The client '${call.principal?.clientId ?? ''}' with object id '${objectId}' has permission to perform action '${own}' on scope '${call.path}'; however, it does not have permission to perform action '${action}' on the linked scope '${resource}' or the linked scope is invalid.`,
  });
}
