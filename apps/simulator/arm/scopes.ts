import { AzureFault } from '../azure-fault.ts';
import type { Call } from '../route.ts';
import type { Transaction } from '../store.ts';

export interface Subscription {
  readonly subscriptionId: string;
  readonly tenantId: string;
  readonly displayName: string;
}

export interface ResourceGroup {
  readonly subscriptionId: string;
  readonly name: string;
  readonly location: string;
  readonly tags: Record<string, string>;
}

const SUBSCRIPTIONS = 'subscriptions';
const GROUPS = 'resourceGroups';

export function saveSubscription(tx: Transaction, subscription: Subscription): void {
  tx.put(SUBSCRIPTIONS, subscription.subscriptionId, subscription);
}

export function listSubscriptions(tx: Transaction): Subscription[] {
  return tx.list<Subscription>(SUBSCRIPTIONS);
}

export function findSubscription(tx: Transaction, id: string): Subscription | undefined {
  return tx.get<Subscription>(SUBSCRIPTIONS, id);
}

/**
 * The subscription named in a path, checked before any right is: 404 SubscriptionNotFound, or 401 when the token
 * is of another tenant (azure-docs, ARM troubleshooting).
 */
export function requireSubscription(call: Call): Subscription | undefined {
  const id = subscriptionIdOf(call.path);
  if (id === undefined) return undefined;
  const subscription = findSubscription(call.tx, id);
  if (!subscription) {
    throw new AzureFault(404, {
      code: 'SubscriptionNotFound',
      message: `The subscription '${id}' could not be found.`,
    });
  }
  if (call.principal && call.principal.tenantId !== subscription.tenantId) {
    throw new AzureFault(401, {
      code: 'InvalidAuthenticationTokenTenant',
      message: `The access token is from the wrong issuer. It must match the tenant '${subscription.tenantId}' associated with this subscription.`,
    });
  }
  return subscription;
}

/** The subscription segment of a path; undefined at tenant level. */
export function subscriptionIdOf(path: string): string | undefined {
  return /^\/subscriptions\/([^/]+)/iu.exec(path)?.[1];
}

export function groupId(subscriptionId: string, name: string): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${name}`;
}

export function saveGroup(tx: Transaction, group: ResourceGroup): void {
  tx.put(GROUPS, groupId(group.subscriptionId, group.name), group);
}

export function findGroup(
  tx: Transaction,
  subscriptionId: string,
  name: string,
): ResourceGroup | undefined {
  return tx.get<ResourceGroup>(GROUPS, groupId(subscriptionId, name));
}

export function listGroups(tx: Transaction, subscriptionId: string): ResourceGroup[] {
  return tx
    .list<ResourceGroup>(GROUPS)
    .filter((group) => group.subscriptionId.toLowerCase() === subscriptionId.toLowerCase());
}

export function removeGroup(tx: Transaction, group: ResourceGroup): void {
  tx.remove(GROUPS, groupId(group.subscriptionId, group.name));
}

/** The group named in the path's parameters. Throws 404 ResourceGroupNotFound. */
export function requireGroup(call: Call): ResourceGroup {
  const { subscriptionId = '', resourceGroup = '' } = call.params;
  const group = findGroup(call.tx, subscriptionId, resourceGroup);
  if (group) return group;
  throw new AzureFault(404, {
    code: 'ResourceGroupNotFound',
    message: `Resource group '${resourceGroup}' could not be found.`,
  });
}

/** Region names compare without case and spaces (R11). */
export function normalRegion(location: string): string {
  return location.replaceAll(/\s/gu, '').toLowerCase();
}
