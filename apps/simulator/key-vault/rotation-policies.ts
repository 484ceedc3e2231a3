import type { Answer, Call } from '../route.ts';
import { daysOf } from './iso-duration.ts';
import { findUsableKey } from './key-documents.ts';
import type { KeyRecord, LifetimeAction, RotationPolicy } from './key-documents.ts';
import { badParameter, keyNotFound } from './key-faults.ts';
import { planRotation } from './key-lifecycle.ts';
import { policyView } from './key-view.ts';
import type { KeyOperation } from './vault-door.ts';
import type { Vault } from './vault-documents.ts';

/** Limits of a policy in days (4.2; azure-docs, configure key auto-rotation). */
const MIN_EXPIRY_DAYS = 28;
const MIN_DISTANCE_DAYS = 7;

const policyShape = {
  lifetimeActions: [
    {
      trigger: { timeAfterCreate: 'text', timeBeforeExpiry: 'text' },
      action: { type: 'text' },
    },
  ],
  attributes: { expiryTime: 'text' },
} as const;

/** The rotation policy of a key. */
export const rotationPolicyOperations: readonly KeyOperation[] = [
  {
    method: 'GET',
    path: '/keys/{name}/rotationpolicy',
    audit: 'KeyGetRotationPolicy',
    action: 'keyrotationpolicies/read',
    handle: get,
  },
  {
    method: 'PUT',
    path: '/keys/{name}/rotationpolicy',
    audit: 'KeyUpdateRotationPolicy',
    action: 'keyrotationpolicies/write',
    body: policyShape,
    handle: put,
  },
];

function get(call: Call, vault: Vault): Answer {
  const key = requireKey(call, vault);
  return { status: 200, body: policyView(vault, key.name, key.rotationPolicy) };
}

function put(call: Call, vault: Vault): Answer {
  const { tx } = call;
  const key = requireKey(call, vault);
  const sent = readPolicy(call.body);
  const rotationPolicy: RotationPolicy = {
    ...sent,
    createdAt: key.rotationPolicy?.createdAt ?? tx.now,
    updatedAt: tx.now,
  };
  planRotation(tx, { ...key, rotationPolicy });
  tx.note('rotation policy set');
  return { status: 200, body: policyView(vault, key.name, rotationPolicy) };
}

function requireKey(call: Call, vault: Vault): KeyRecord {
  const { name = '' } = call.params;
  const key = findUsableKey(call.tx, vault.name, name);
  if (key === undefined) throw keyNotFound(name);
  return key;
}

function readPolicy(body: unknown): Pick<RotationPolicy, 'lifetimeActions' | 'expiryTime'> {
  const sent = (body ?? {}) as {
    lifetimeActions?: LifetimeAction[];
    attributes?: { expiryTime?: string | null };
  };
  const lifetimeActions = sent.lifetimeActions ?? [];
  const expiryTime = sent.attributes?.expiryTime ?? undefined;
  const expiryDays = expiryTime === undefined ? undefined : requireDays(expiryTime, 'expiryTime');
  if (expiryDays !== undefined && expiryDays < MIN_EXPIRY_DAYS) {
    throw badParameter(`Property expiryTime must be at least ${MIN_EXPIRY_DAYS} days.`);
  }
  for (const action of lifetimeActions) checkAction(action, expiryDays);
  const rotations = lifetimeActions.filter(({ action }) => isType(action, 'rotate'));
  if (rotations.length > 1) throw badParameter('Only one Rotate action is allowed in a policy.');
  return { lifetimeActions, ...(expiryTime !== undefined && { expiryTime }) };
}

function checkAction(sent: LifetimeAction, expiryDays: number | undefined): void {
  const { timeAfterCreate, timeBeforeExpiry } = sent.trigger ?? {};
  const isRotate = isType(sent.action, 'rotate');
  if (!isRotate && !isType(sent.action, 'notify')) {
    throw badParameter('Property lifetimeActions has an invalid action type.');
  }
  if ((timeAfterCreate === undefined) === (timeBeforeExpiry === undefined)) {
    throw badParameter('A trigger needs either timeAfterCreate or timeBeforeExpiry.');
  }
  if (!isRotate && timeBeforeExpiry === undefined) {
    throw badParameter('A Notify action needs timeBeforeExpiry.');
  }
  if (timeBeforeExpiry !== undefined && expiryDays === undefined && isRotate) {
    throw badParameter('A trigger timeBeforeExpiry needs an expiryTime.');
  }
  if (isRotate) checkDistances({ timeAfterCreate, timeBeforeExpiry, expiryDays });
}

/** Not before seven days after creation, not within seven days of the expiry. */
function checkDistances(rotate: {
  timeAfterCreate: string | undefined;
  timeBeforeExpiry: string | undefined;
  expiryDays: number | undefined;
}): void {
  const { timeAfterCreate, timeBeforeExpiry, expiryDays } = rotate;
  const trigger = timeAfterCreate ?? timeBeforeExpiry ?? '';
  const days = requireDays(trigger, 'trigger');
  const tooClose = expiryDays !== undefined && days > expiryDays - MIN_DISTANCE_DAYS;
  if (days >= MIN_DISTANCE_DAYS && !tooClose) return;
  throw badParameter(
    'A Rotate trigger must be at least 7 days after creation and at least 7 days before expiry.',
  );
}

function requireDays(duration: string, property: string): number {
  const days = typeof duration === 'string' ? daysOf(duration) : undefined;
  if (days !== undefined) return days;
  throw badParameter(`Property ${property} is not an ISO 8601 duration of days: ${duration}`);
}

function isType(action: LifetimeAction['action'] | undefined, type: string): boolean {
  return action?.type?.toLowerCase() === type;
}
