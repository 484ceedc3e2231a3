import { createHash, createHmac, randomUUID } from 'node:crypto';
import { recordActivity } from '../../arm/activity-log.ts';
import type { ActivityOrigin } from '../../arm/activity-log.ts';
import { AzureFault } from '../../azure-fault.ts';
import { defineEffect } from '../../effects.ts';
import { isFault } from '../../faults.ts';
import type { Answer, Call, Route } from '../../route.ts';
import { isSwitchedOn, secretsOf, settingsOf } from '../../settings.ts';
import type { Transaction } from '../../store.ts';
import { scheduleWork } from './operation-work.ts';
import type { OperationWork } from './operation-work.ts';
import { limits } from './rules.ts';

/** A long operation of the provider; instants are epoch ms. */
export interface Operation extends OperationWork {
  readonly id: string;
  readonly kind: 'createCluster' | 'updateCluster' | 'deleteCluster' | 'link' | 'unlink';
  readonly subscriptionId: string;
  readonly location: string;
  /** The resource that is worked on: a cluster, or a workspace's linked service. */
  readonly resourceId: string;
  /** The version of the request that began it: its status body keeps that shape. */
  readonly apiVersion: string;
  readonly status: 'InProgress' | 'Succeeded' | 'Failed';
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly error?: { readonly code: string; readonly message: string };
  readonly activity: ActivityOrigin;
}

/** The effects that undo what an operation had begun, when it fails. */
export const LINK_FAILED = 'link operation failed';
export const CLUSTER_FAILED = 'cluster operation failed';

const COLLECTION = 'operations';
const STATUS_VERSION = '2015-11-01-preview';
const STATUSES =
  '/subscriptions/{subscriptionId}/providers/Microsoft.OperationalInsights/locations/{location}/operationStatuses/{operationId}';

defineEffect('operation forgotten', (tx, { id }: { id: string }) => tx.remove(COLLECTION, id));

/** The status of long operations, under the signed URL that was handed out. */
export const operationRoutes: readonly Route[] = [
  {
    service: 'arm',
    method: 'GET',
    path: STATUSES,
    action: 'Microsoft.OperationalInsights/locations/operationStatuses/read',
    handle: answerStatus,
  },
];

/** Writes down an operation that begins now and is due when the given effect is. */
export function beginOperation(
  call: Call,
  begun: Pick<Operation, 'kind' | 'location' | 'resourceId' | 'activity'> & {
    durationMs: number;
    effect: string;
    args: object;
  },
): Operation {
  const { tx, apiVersion } = call;
  const id = randomUUID();
  const { durationMs, effect, args, ...known } = begun;
  const failure = ['link', 'unlink'].includes(known.kind) ? LINK_FAILED : CLUSTER_FAILED;
  const due = { durationMs, effect, failure, args: { ...args, operationId: id } };
  const operation: Operation = {
    ...known,
    id,
    subscriptionId: call.params['subscriptionId'] ?? '',
    apiVersion,
    status: 'InProgress',
    startedAt: tx.now,
    ...scheduleWork(call, due),
  };
  tx.put(COLLECTION, id, operation);
  return operation;
}

export function findOperation(tx: Transaction, id: string): Operation | undefined {
  return tx.get<Operation>(COLLECTION, id);
}

/** Lets the work go on that waited for a fault rule which is gone. */
export function releaseHeld(tx: Transaction): void {
  for (const operation of tx.list<Operation>(COLLECTION)) {
    const { held, ...rest } = operation;
    if (held === undefined || isFault(tx, held.faultId)) continue;
    tx.at(Math.max(tx.now, operation.dueAt), held.effect, held.args);
    tx.put(COLLECTION, operation.id, rest);
  }
}

/** Ends an operation, in its record and in the activity log. */
export function endOperation(
  tx: Transaction,
  id: string,
  refused?: { code: string; message: string },
): void {
  const operation = findOperation(tx, id);
  if (!operation) return;
  const error = refused ?? operation.failsWith;
  const status = error ? 'Failed' : 'Succeeded';
  tx.put(COLLECTION, id, { ...operation, status, endedAt: tx.now, ...(error ? { error } : {}) });
  tx.at(tx.now + limits.operationKept, 'operation forgotten', { id });
  recordActivity(tx, operation.activity, {
    status,
    ...(error ? { subStatus: error.code, properties: { statusMessage: error.message } } : {}),
  });
}

/** The headers that tell where to follow an operation: both URLs, and Retry-After only when asked for. */
export function operationHeaders(call: Call, operation: Operation): Record<string, string> {
  const { tx, origin } = call;
  const status = `/subscriptions/${operation.subscriptionId}/providers/Microsoft.OperationalInsights/locations/${operation.location}/operationstatuses/${operation.id}`;
  const result = `${operation.resourceId}/operationresults/${operation.id}`;
  return {
    'azure-asyncoperation': `${origin}${signed(tx, status, STATUS_VERSION)}`,
    location: `${origin}${signed(tx, result, operation.apiVersion)}`,
    'x-ms-operation-identifier': `tenantId=${call.principal?.tenantId ?? ''},objectId=${call.principal?.objectId ?? ''}/${operation.location}/${operation.id}`,
    ...retryAfter(tx, operation),
  };
}

/** The answer to an accepted long operation: empty, with both URLs. */
export function accepted(call: Call, operation: Operation): Answer {
  return { status: 202, headers: operationHeaders(call, operation) };
}

/** The operation named in the path of an operationresults request, its signature checked. */
export function requireOperation(call: Call): Operation {
  const operation = findOperation(call.tx, call.params['operationId'] ?? '');
  checkSignature(call);
  if (operation && operation.lost === undefined) return asShown(call.tx, operation);
  throw new AzureFault(404, {
    code: 'NotFound',
    message: `Operation '${call.params['operationId'] ?? ''}' was not found.`,
  });
}

/** What the record says: it may run ahead of the resource, or behind it. */
function asShown(tx: Transaction, operation: Operation): Operation {
  const { status, endedAt, recordEndsAt, recordLagMs = 0 } = operation;
  if (recordEndsAt !== undefined && tx.now >= recordEndsAt && status === 'InProgress') {
    return { ...operation, status: 'Succeeded', endedAt: recordEndsAt };
  }
  if (endedAt === undefined || tx.now >= endedAt + recordLagMs) return operation;
  const { endedAt: _notYet, ...running } = operation;
  return { ...running, status: 'InProgress' };
}

function answerStatus(call: Call): Answer {
  if (call.apiVersion !== STATUS_VERSION && !isSwitchedOn(call.tx, 'any-operation-version')) {
    throw new AzureFault(404, {
      code: 'InvalidResourceType',
      message: `The resource type 'locations/operationstatuses' could not be found in the namespace 'Microsoft.OperationalInsights' for api version '${call.apiVersion}'. The supported api-versions are '${STATUS_VERSION}'.`,
    });
  }
  const operation = requireOperation(call);
  const headers = operation.status === 'InProgress' ? retryAfter(call.tx, operation) : {};
  return { status: 200, headers, body: statusBody(call.path, operation) };
}

/** In 2020 times were RFC 1123 text and an ended operation had no `properties`. */
function statusBody(path: string, operation: Operation): object {
  const old = operation.apiVersion < '2021-01-01';
  const time = (at: number): string =>
    old ? new Date(at).toUTCString() : new Date(at).toISOString().replace('Z', '0000Z');
  return {
    id: path,
    name: operation.id,
    status: operation.status,
    startTime: time(operation.startedAt),
    ...(operation.endedAt === undefined ? {} : { endTime: time(operation.endedAt) }),
    ...(operation.error ? { error: operation.error } : {}),
    ...(operation.status === 'Succeeded' && !old ? { properties: {} } : {}),
  };
}

/** Seconds left, when the simulator runs with --retry-after. */
function retryAfter(tx: Transaction, operation: Operation): Record<string, string> {
  if (!settingsOf(tx).retryAfter) return {};
  const seconds = Math.max(1, Math.ceil((operation.dueAt - tx.now) / 1000));
  return { 'retry-after': String(seconds) };
}

/** A path with the opaque query of a few KB that Azure signs its operation URLs with. */
function signed(tx: Transaction, path: string, apiVersion: string): string {
  const t = String(tx.now * 10_000 + 621_355_968_000_000_000);
  const { c, s, h } = signature(tx, path, t);
  return `${path}?api-version=${apiVersion}&t=${t}&c=${c}&s=${s}&h=${h}`;
}

function signature(
  tx: Transaction,
  path: string,
  t: string,
): Readonly<Record<'c' | 's' | 'h', string>> {
  const { operationUrlKey, operationUrlCertificate } = secretsOf(tx);
  const subject = `${path.toLowerCase()}?${t}`;
  const s = createHmac('sha512', operationUrlKey).update(subject).digest('base64url');
  const h = createHash('sha256').update(`${subject}${s}`).digest('base64url');
  return { c: operationUrlCertificate, s, h };
}

/** An operation URL works only as it was handed out. */
function checkSignature(call: Call): void {
  const expected = signature(call.tx, call.path, call.query.get('t') ?? '');
  const intact = (['c', 's', 'h'] as const).every(
    (name) => call.query.get(name) === expected[name],
  );
  const nothingAdded = [...call.query.keys()].toSorted().join() === 'api-version,c,h,s,t';
  if (intact && nothingAdded) return;
  throw new AzureFault(403, {
    code: 'Forbidden',
    message: 'The operation URL does not carry a valid signature. Use the URL exactly as returned.',
  });
}
