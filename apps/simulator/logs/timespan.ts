import type { AzureFault } from '../azure-fault.ts';
import { badArgument } from './kql/refusals.ts';

const DURATION = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/u;
const partsMs = [86_400_000, 3_600_000, 60_000, 1000];

/** The instants a query looks at, epoch ms, both included. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Reads the `timespan` of a query: a duration until now, or two instants, or an instant and a duration. Absent, it is
 * all time. Throws the service's 400 for anything else.
 */
export function readTimespan(sent: unknown, now: number): TimeRange {
  if (sent === undefined || sent === null) return { from: Number.NEGATIVE_INFINITY, to: now };
  if (typeof sent !== 'string') throw badTimespan();
  const [first = '', second] = sent.split('/');
  if (second === undefined) return { from: now - required(durationMs(first)), to: now };
  const start = durationMs(first);
  const end = durationMs(second);
  if (start !== undefined) {
    const to = instantOf(second);
    return { from: to - start, to };
  }
  const from = instantOf(first);
  return { from, to: end === undefined ? instantOf(second) : from + end };
}

function durationMs(text: string): number | undefined {
  const parts = DURATION.exec(text)?.slice(1);
  if (parts === undefined || parts.every((part) => part === undefined)) return undefined;
  return parts.reduce((sum, part, index) => sum + Number(part ?? 0) * (partsMs[index] ?? 0), 0);
}

function instantOf(text: string): number {
  const instant = Date.parse(text);
  return required(Number.isNaN(instant) ? undefined : instant);
}

function required(value: number | undefined): number {
  if (value !== undefined) return value;
  throw badTimespan();
}

function badTimespan(): AzureFault {
  return badArgument('The timespan of the request is not valid.');
}
