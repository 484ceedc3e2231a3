import { groupId, normalRegion, requireGroup } from '../../arm/scopes.ts';
import { AzureFault } from '../../azure-fault.ts';
import type { Answer, Call, Route } from '../../route.ts';
import type { Transaction } from '../../store.ts';
import { dropAssignmentsUnder } from '../authorization/role-assignments.ts';

/** A storage account as far as links to it look: where it is and of what kind. */
export interface StorageAccountResource {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly kind: string;
  readonly sku: string;
  readonly tags: Record<string, string>;
  readonly createdAt: number;
}

const COLLECTION = 'storageAccounts';
const TYPE = 'Microsoft.Storage/storageAccounts';
const SUBSCRIPTION = '/subscriptions/{subscriptionId}';
const GROUP = `${SUBSCRIPTION}/resourceGroups/{resourceGroup}`;
const ACCOUNT = `${GROUP}/providers/${TYPE}/{account}`;

/** Microsoft.Storage/storageAccounts, the shell only: nothing can be stored in them. */
export const storageAccountRoutes: readonly Route[] = [
  route('GET', `${SUBSCRIPTION}/providers/${TYPE}`, { action: `${TYPE}/read`, handle: list }),
  route('GET', `${GROUP}/providers/${TYPE}`, { action: `${TYPE}/read`, handle: list }),
  route('GET', ACCOUNT, {
    action: `${TYPE}/read`,
    handle: (call) => ({ status: 200, body: toArm(required(call)) }),
  }),
  route('PUT', ACCOUNT, { action: `${TYPE}/write`, handle: put }),
  route('DELETE', ACCOUNT, { action: `${TYPE}/delete`, handle: remove }),
];

/** The account by its resource id, any letter case. */
export function findStorageAccount(
  tx: Transaction,
  id: string,
): StorageAccountResource | undefined {
  return tx.get<StorageAccountResource>(COLLECTION, id);
}

function route(method: string, path: string, rest: Pick<Route, 'action' | 'handle'>): Route {
  return { service: 'arm', method, path, ...rest };
}

function idOf(call: Call): string {
  const { subscriptionId = '', account } = call.params;
  return `${groupId(subscriptionId, requireGroup(call).name)}/providers/${TYPE}/${account}`;
}

function required(call: Call): StorageAccountResource {
  const found = findStorageAccount(call.tx, idOf(call));
  if (found) return found;
  throw new AzureFault(404, {
    code: 'ResourceNotFound',
    message: `The Resource '${TYPE}/${call.params['account']}' under resource group '${call.params['resourceGroup']}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  });
}

function list(call: Call): Answer {
  const { subscriptionId, resourceGroup } = call.params;
  const group = resourceGroup === undefined ? '' : `resourcegroups/${resourceGroup}/`;
  const prefix = `/subscriptions/${subscriptionId}/${group}`.toLowerCase();
  const value = call.tx
    .list<StorageAccountResource>(COLLECTION)
    .filter(({ id }) => id.toLowerCase().startsWith(prefix))
    .map(toArm);
  return { status: 200, body: { value } };
}

function put(call: Call): Answer {
  const { tx } = call;
  const id = idOf(call);
  const name = call.params['account'] ?? '';
  const { location, kind, sku, tags } = (call.body ?? {}) as Partial<{
    location: string;
    kind: string;
    sku: { name?: string };
    tags: Record<string, string>;
  }>;
  if (!/^[a-z\d]{3,24}$/u.test(name)) {
    throw refuse(
      'AccountNameInvalid',
      `${name} is not a valid storage account name. Storage account name must be between 3 and 24 characters in length and use numbers and lower-case letters only.`,
    );
  }
  if (typeof location !== 'string' || typeof sku?.name !== 'string') {
    throw refuse('InvalidRequestContent', 'A storage account needs location, sku and kind.');
  }
  const known = findStorageAccount(tx, id);
  const taken = tx.list<StorageAccountResource>(COLLECTION).some((other) => other.name === name);
  if (!known && taken) {
    throw new AzureFault(409, {
      code: 'StorageAccountAlreadyTaken',
      message: `The storage account named ${name} is already taken.`,
    });
  }
  const account: StorageAccountResource = {
    id,
    name,
    location: known?.location ?? normalRegion(location),
    kind: kind ?? known?.kind ?? 'StorageV2',
    sku: sku.name,
    tags: tags ?? {},
    createdAt: known?.createdAt ?? tx.now,
  };
  tx.put(COLLECTION, id, account);
  tx.note('storage account written');
  return { status: 200, body: toArm(account) };
}

function remove(call: Call): Answer {
  const account = findStorageAccount(call.tx, idOf(call));
  if (!account) return { status: 204 };
  call.tx.remove(COLLECTION, account.id);
  dropAssignmentsUnder(call.tx, account.id);
  call.tx.note('storage account deleted');
  return { status: 200 };
}

function refuse(code: string, message: string): AzureFault {
  return new AzureFault(400, { code, message });
}

function toArm(account: StorageAccountResource): object {
  const { id, name, location, kind, sku, tags, createdAt } = account;
  const endpoints = ['blob', 'file', 'queue', 'table'].map((service) => [
    service,
    `https://${name}.${service}.core.windows.net/`,
  ]);
  return {
    id,
    name,
    type: TYPE,
    location,
    kind,
    sku: { name: sku, tier: sku.split('_')[0] },
    tags,
    properties: {
      provisioningState: 'Succeeded',
      creationTime: new Date(createdAt).toISOString(),
      primaryLocation: location,
      statusOfPrimary: 'available',
      supportsHttpsTrafficOnly: true,
      minimumTlsVersion: 'TLS1_2',
      primaryEndpoints: Object.fromEntries(endpoints) as Record<string, string>,
      encryption: { keySource: 'Microsoft.Storage' },
    },
  };
}
