import type { MetricMeter } from '@temporalio/common';

import type { Exchange } from '#libs/azure/azure.ts';
import type { DomainEvent, EventType, OperationKind } from '#libs/domain/events.ts';

/** Seconds: from one quick call, over Azure's two hours, to a reserved name's fortnight. */
const operationBuckets = [1, 5, 15, 60, 300, 900, 3_600, 7_200, 14_400, 86_400, 604_800, 1_209_600];
const requestBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Boundaries of the histograms below, for the exporter; in seconds. */
export const histogramBuckets: Record<string, number[]> = {
  keyturn_operation_duration: operationBuckets,
  keyturn_step_duration: operationBuckets,
  keyturn_wait_duration: operationBuckets,
  keyturn_azure_request_duration: requestBuckets,
};

/** What the worker counts beside what Temporal's SDK counts itself. */
export interface WorkerMetrics {
  /**
   * Takes events that were not kept before, with all that is kept of their operation. Counting here and not in
   * workflows, whose code runs again on every replay, counts each event once.
   */
  kept(fresh: readonly DomainEvent[], whole: readonly DomainEvent[]): void;
  /** Takes a request to Azure. */
  exchanged(exchange: Exchange): void;
}

/** Makes the metrics on a meter; on that of a process without an exporter they cost nothing. */
export function createWorkerMetrics(meter: MetricMeter): WorkerMetrics {
  const requests = meter.createCounter('keyturn_azure_requests', '', 'Requests sent to Azure.');
  const durations = secondsOf(meter, 'keyturn_azure_request_duration', 'How long Azure takes.');
  const count = countersOf(meter);
  const time = timersOf(meter);
  return {
    kept(fresh, whole) {
      const kind = kindOf(whole);
      for (const event of fresh) {
        count(event, kind);
        time(event, whole, kind);
      }
    },
    exchanged({ method, url, status, seconds }) {
      const kind = resourceKind(url);
      requests.add(1, { method, kind, status: status ?? 'none' });
      durations.record(seconds, { method, kind });
    },
  };
}

type Kind = OperationKind | 'unknown';

/** An event counts for its operation's kind, which only the first event names. */
function kindOf([first]: readonly DomainEvent[]): Kind {
  return first?.type === 'OperationRequested' ? first.data.kind : 'unknown';
}

function countersOf(meter: MetricMeter) {
  const counter = (name: string, what: string) => meter.createCounter(`keyturn_${name}`, '', what);
  const requested = counter('operations_requested', 'Operations accepted, by kind.');
  const ended = counter('operations_ended', 'Operations ended, by kind and result.');
  const steps = counter('steps_verified', 'Steps whose post-condition was read back.');
  const waits = counter('waits_started', 'Waits begun, by reason.');
  const attention = counter('attention_raised', 'Times that an operation needed a person.');
  const resolved = counter('attention_resolved', 'Times that a person has answered.');
  const findings = counter('findings_raised', 'Findings of operations and inspections, by code.');

  return (event: DomainEvent, kind: Kind): void => {
    switch (event.type) {
      case 'OperationRequested':
        return requested.add(1, { kind });
      case 'OperationEnded':
        return ended.add(1, { kind, result: event.data.outcome.result });
      case 'StepVerified':
        return steps.add(1, { kind, step: event.data.step });
      case 'WaitStarted':
        return waits.add(1, { kind, reason: event.data.reason });
      case 'AttentionRaised':
        return attention.add(1, { kind, step: event.data.step });
      case 'AttentionResolved':
        return resolved.add(1, { kind, choice: event.data.choice });
      case 'FindingRaised':
        return findings.add(1, { code: event.data.finding.code });
      default:
        return undefined;
    }
  };
}

function timersOf(meter: MetricMeter) {
  const operations = secondsOf(meter, 'keyturn_operation_duration', 'From request to end.');
  const steps = secondsOf(meter, 'keyturn_step_duration', 'From a step begun to it verified.');
  const waits = secondsOf(meter, 'keyturn_wait_duration', 'From a wait begun to its end.');

  return (event: DomainEvent, whole: readonly DomainEvent[], kind: Kind): void => {
    const since = (type: EventType, matches: (earlier: DomainEvent) => boolean = () => true) => {
      const began = whole.findLast(
        (earlier) => earlier.seq < event.seq && earlier.type === type && matches(earlier),
      );
      return began === undefined ? undefined : secondsBetween(began, event);
    };
    if (event.type === 'OperationEnded') {
      const { result } = event.data.outcome;
      record(operations, since('OperationRequested'), { kind, result });
    } else if (event.type === 'StepVerified') {
      const { step } = event.data;
      const isSame = (earlier: DomainEvent) =>
        earlier.type === 'StepStarted' && earlier.data.step === step;
      record(steps, since('StepStarted', isSame), { kind, step });
    } else if (event.type === 'WaitEnded') {
      const { reason } = event.data;
      const isSame = (earlier: DomainEvent) =>
        earlier.type === 'WaitStarted' && earlier.data.reason === reason;
      record(waits, since('WaitStarted', isSame), { kind, reason });
    }
  };
}

type Histogram = ReturnType<MetricMeter['createHistogram']>;

const secondsOf = (meter: MetricMeter, name: string, what: string): Histogram =>
  meter.createHistogram(name, 'float', 'seconds', what);

function record(histogram: Histogram, seconds: number | undefined, tags: Record<string, string>) {
  if (seconds !== undefined) histogram.record(Math.max(seconds, 0), tags);
}

/** Seconds of workflow time. */
export const secondsBetween = (earlier: DomainEvent, later: DomainEvent): number =>
  (Date.parse(later.at) - Date.parse(earlier.at)) / 1000;

/**
 * What kind of thing an address is about: `Microsoft.KeyVault/vaults`, `keys` of a vault, `query`. Names and
 * ids are left out, so that there are only as many kinds as the product knows.
 */
export function resourceKind(url: string): string {
  const { hostname, pathname } = new URL(url);
  const parts = pathname.split('/').filter((part) => part !== '');
  const at = parts.findLastIndex((part) => part.toLowerCase() === 'providers');
  if (hostname === 'management.azure.com') {
    if (at === -1) return parts.filter((_, index) => index % 2 === 0).join('/') || 'none';
    const types = parts.slice(at + 2).filter((_, index) => index % 2 === 0);
    return [parts[at + 1], ...types].join('/').toLowerCase();
  }
  if (hostname.endsWith('.vault.azure.net')) return parts[0] ?? 'none';
  return hostname.endsWith('ingest.monitor.azure.com') ? 'ingestion' : 'query';
}
