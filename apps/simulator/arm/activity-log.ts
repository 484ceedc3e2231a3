import { randomUUID } from 'node:crypto';
import { AzureFault } from '../azure-fault.ts';
import type { Answer, Call, Route } from '../route.ts';
import { settingsOf } from '../settings.ts';
import type { Transaction } from '../store.ts';

/** One event of the activity log, as it is kept; instants are epoch ms. */
interface ActivityEvent {
  readonly id: string;
  readonly at: number;
  /** From here on the log shows it. */
  readonly shownAt: number;
  readonly caller: string;
  readonly correlationId: string;
  readonly operationName: string;
  readonly status: ActivityStatus;
  readonly subStatus: string;
  readonly resourceId: string;
  readonly properties: Record<string, string>;
}

export type ActivityStatus = 'Started' | 'Accepted' | 'Succeeded' | 'Failed';

/** What a long operation keeps, to write its end under the same correlation. */
export interface ActivityOrigin {
  readonly caller: string;
  readonly correlationId: string;
  readonly operationName: string;
  readonly resourceId: string;
}

const COLLECTION = 'activityLog';
const KEPT_DAYS = 90;
const DAY = 86_400_000;
/** How long an event takes to be shown: minutes (azure-docs, latency of the activity log). */
const LATENCY_MS = 180_000;

/** The activity log of a subscription, newest first (Microsoft.Insights, api-version 2015-04-01). */
export const activityLogRoutes: readonly Route[] = [
  {
    service: 'arm',
    method: 'GET',
    path: '/subscriptions/{subscriptionId}/providers/Microsoft.Insights/eventtypes/management/values',
    apiVersions: ['2015-04-01', '2014-04-01', '2017-03-01-preview'],
    action: 'Microsoft.Insights/eventtypes/values/read',
    handle: answerEvents,
  },
];

/** Who did what, as the activity log names it. */
export function activityOrigin(call: Call, operationName: string): ActivityOrigin {
  return {
    caller: call.principal?.objectId ?? 'anonymous',
    correlationId: call.correlationId,
    operationName,
    resourceId: call.path.replace(/\/+$/u, ''),
  };
}

/** What happened; `at` is now when absent, or an instant of the past that a seed tells of. */
interface Recorded {
  readonly status: ActivityStatus;
  readonly subStatus?: string;
  readonly properties?: Record<string, string>;
  readonly at?: number;
}

/** Appends an event, and lets go of what is older than ninety days. */
export function recordActivity(tx: Transaction, origin: ActivityOrigin, event: Recorded): void {
  const id = randomUUID();
  const kept: ActivityEvent = {
    id,
    at: event.at ?? tx.now,
    shownAt: event.at ?? tx.now + LATENCY_MS / settingsOf(tx).pace,
    ...origin,
    status: event.status,
    subStatus: event.subStatus ?? '',
    properties: event.properties ?? {},
  };
  tx.put(COLLECTION, id, kept);
  for (const old of tx.list<ActivityEvent>(COLLECTION)) {
    if (old.at >= tx.now - KEPT_DAYS * DAY) break;
    tx.remove(COLLECTION, old.id);
  }
}

/** What an accepted write leaves in the log; a long one gets its end later, under the same correlation. */
export function recordAnswer(tx: Transaction, origin: ActivityOrigin, answer: Answer): void {
  recordActivity(tx, origin, { status: 'Started' });
  const long = answer.headers?.['azure-asyncoperation'] !== undefined || answer.status === 202;
  const subStatus = `${answer.status}`;
  recordActivity(tx, origin, { status: long ? 'Accepted' : 'Succeeded', subStatus });
}

function answerEvents(call: Call): Answer {
  const subscription = `/subscriptions/${call.params['subscriptionId']}`.toLowerCase();
  const wanted = parseFilter(call.query.get('$filter') ?? '');
  const events = call.tx
    .list<ActivityEvent>(COLLECTION)
    .filter(({ resourceId }) => `${resourceId.toLowerCase()}/`.startsWith(`${subscription}/`))
    .filter(({ shownAt }) => shownAt <= call.tx.now)
    .filter((event) => wanted.every((accepts) => accepts(event)))
    .toReversed()
    .toSorted((left, right) => right.at - left.at);
  return { status: 200, body: { value: events.map(eventBody) } };
}

type Accepts = (event: ActivityEvent) => boolean;

const conditions: readonly {
  pattern: RegExp;
  accepts: (value: string) => Accepts;
}[] = [
  {
    pattern: /^eventTimestamp (?:ge|gt) '?([^']+)'?$/iu,
    accepts: (value) => (event) => event.at >= instant(value),
  },
  {
    pattern: /^eventTimestamp (?:le|lt) '?([^']+)'?$/iu,
    accepts: (value) => (event) => event.at <= instant(value),
  },
  {
    pattern: /^(?:resourceUri|resourceId) eq '?([^']+)'?$/iu,
    accepts: (value) => (event) => same(event.resourceId, value),
  },
  {
    pattern: /^resourceGroupName eq '?([^']+)'?$/iu,
    accepts: (value) => (event) => same(part(event.resourceId, 'resourceGroups'), value),
  },
  {
    pattern: /^resourceProvider eq '?([^']+)'?$/iu,
    accepts: (value) => (event) => same(part(event.resourceId, 'providers'), value),
  },
  {
    pattern: /^correlationId eq '?([^']+)'?$/iu,
    accepts: (value) => (event) => same(event.correlationId, value),
  },
  { pattern: /^eventChannels eq '?([^']+)'?$/iu, accepts: () => () => true },
];

/** The forms that clients send, joined by `and`; anything else is refused as the service does. */
function parseFilter(filter: string): Accepts[] {
  const parts = filter.split(/\s+and\s+/iu).filter((text) => text.trim() !== '');
  if (!parts.some((text) => /^\s*\(?eventTimestamp\s+g[et]/iu.test(text))) {
    throw badFilter('a lower bound of eventTimestamp is required.');
  }
  return parts.map((text) => {
    const plain = text
      .trim()
      .replaceAll(/^\(+|\)+$/gu, '')
      .trim();
    for (const { pattern, accepts } of conditions) {
      const value = pattern.exec(plain)?.[1];
      if (value !== undefined) return accepts(value);
    }
    throw badFilter(`'${plain}' is not supported.`);
  });
}

function badFilter(reason: string): AzureFault {
  return new AzureFault(400, {
    code: 'BadRequest',
    message: `The $filter query parameter is not valid: ${reason}`,
  });
}

function instant(text: string): number {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw badFilter(`'${text}' is not an instant.`);
  return at;
}

function same(left: string, right: string): boolean {
  return left.toLowerCase().replace(/\/+$/u, '') === right.toLowerCase().replace(/\/+$/u, '');
}

/** The segment that follows a named one in a resource id. */
function part(resourceId: string, name: string): string {
  const segments = resourceId.split('/');
  const at = segments.findIndex((segment) => segment.toLowerCase() === name.toLowerCase());
  return at === -1 ? '' : (segments[at + 1] ?? '');
}

function eventBody(event: ActivityEvent): object {
  const { resourceId } = event;
  const provider = part(resourceId, 'providers');
  const subscriptionId = part(resourceId, 'subscriptions');
  const timestamp = new Date(event.at).toISOString();
  const ticks = `${event.at}0000`;
  return {
    authorization: { action: event.operationName, scope: resourceId },
    caller: event.caller,
    channels: 'Operation',
    correlationId: event.correlationId,
    eventDataId: event.id,
    eventName: { value: 'EndRequest', localizedValue: 'End request' },
    category: { value: 'Administrative', localizedValue: 'Administrative' },
    id: `${resourceId}/events/${event.id}/ticks/${ticks}`,
    level: event.status === 'Failed' ? 'Error' : 'Informational',
    resourceGroupName: part(resourceId, 'resourceGroups'),
    resourceProviderName: { value: provider, localizedValue: provider },
    resourceId,
    operationId: event.correlationId,
    operationName: { value: event.operationName, localizedValue: event.operationName },
    properties: event.properties,
    status: { value: event.status, localizedValue: event.status },
    subStatus: { value: event.subStatus, localizedValue: event.subStatus },
    eventTimestamp: timestamp,
    submissionTimestamp: new Date(event.shownAt).toISOString(),
    subscriptionId,
  };
}
