import type { Transaction } from '../store.ts';
import { findTenant } from './directory.ts';
import type { Tenant } from './directory.ts';
import { entraFault } from './entra-fault.ts';

/** The tenant that a path names. Throws AADSTS90002. */
export function requireTenant(tx: Transaction, name: string): Tenant {
  const tenant = findTenant(tx, name);
  if (tenant) return tenant;
  throw entraFault(400, 'invalid_request', {
    number: 90002,
    text: `Tenant '${name}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.`,
  });
}

/** `RESOURCE/.default` at the v2 endpoint, `resource` at the v1 endpoint. */
export function audienceOf(form: Record<string, string>, endpoint: '1.0' | '2.0'): string {
  const asked = endpoint === '1.0' ? (form['resource'] ?? form['scope']) : form['scope'];
  const scope = (asked ?? '').split(' ').find((part) => part.includes('://') || part !== '');
  if (scope === undefined) {
    throw entraFault(400, 'invalid_request', {
      number: 900144,
      text: `The request body must contain the following parameter: '${endpoint === '1.0' ? 'resource' : 'scope'}'.`,
    });
  }
  if (endpoint === '2.0' && !scope.endsWith('/.default')) {
    throw entraFault(400, 'invalid_scope', {
      number: 70011,
      text: `The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope ${scope} is not valid.`,
    });
  }
  return scope.replace(/\/\.default$/u, '');
}
