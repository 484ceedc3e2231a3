import type { Person } from '#libs/domain/person.ts';
import { Refused } from './refused.ts';

const roles = ['reader', 'operator', 'approver', 'admin'] as const;

/** What a caller may be allowed to do. */
export type Role = (typeof roles)[number];

/** A role, for all subscriptions or for one. */
export interface Granted {
  readonly role: Role;
  readonly subscriptionId?: string;
}

/** Who calls, as the token says. */
export interface Caller {
  readonly tenantId: string;
  readonly person: Person;
  readonly granted: readonly Granted[];
  /** When the token ends, epoch ms. */
  readonly until: number;
}

/** Everyone with a role may look; an admin may do everything. */
const includes: Readonly<Record<Role, readonly Role[]>> = {
  reader: ['reader'],
  operator: ['operator', 'reader'],
  approver: ['approver', 'reader'],
  admin: roles,
};

/** The roles in a token: `operator`, or `operator:<subscription>`; words we do not know are ignored. */
export function toGranted(claim: unknown): Granted[] {
  if (!Array.isArray(claim)) return [];
  return claim.flatMap((word: unknown): Granted[] => {
    const [name, subscriptionId] = String(word).split(':');
    const role = roles.find((known) => known === name);
    if (role === undefined || subscriptionId === '') return [];
    return [subscriptionId === undefined ? { role } : { role, subscriptionId }];
  });
}

/** Whether the caller holds one of the roles; with a subscription, whether it reaches there. */
export const holds = (caller: Caller, wanted: readonly Role[], subscriptionId?: string): boolean =>
  caller.granted.some(
    (granted) =>
      wanted.some((role) => includes[granted.role].includes(role)) &&
      (granted.subscriptionId === undefined ||
        subscriptionId === undefined ||
        granted.subscriptionId.toLowerCase() === subscriptionId.toLowerCase()),
  );

/** Throws `forbidden`, naming the role, unless the caller holds one of the roles there. */
export function requireRole(
  caller: Caller,
  wanted: readonly Role[],
  subscriptionId?: string,
): void {
  if (holds(caller, wanted, subscriptionId)) return;
  const where = subscriptionId === undefined ? '' : ` for subscription ${subscriptionId}`;
  throw new Refused({
    code: 'forbidden',
    reason: `this needs the role ${wanted.join(' or ')}${where}`,
  });
}

/** The subscriptions a caller may read, in lower case; undefined when there is no limit. */
export function readableSubscriptions(caller: Caller): readonly string[] | undefined {
  const limits = caller.granted.map(({ subscriptionId }) => subscriptionId?.toLowerCase());
  if (limits.includes(undefined)) return undefined;
  return [...new Set(limits.filter((limit) => limit !== undefined))];
}
