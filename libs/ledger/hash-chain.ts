import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { DomainEvent } from '#libs/domain/events.ts';

/** The hash before the first event of a chain. */
export const emptyHead = '0'.repeat(64);

/** The chain an event belongs to: its cluster (Azure compares ids without regard to case, R174), else its stream. */
export const chainOf = (event: DomainEvent): string => chainName(event.cluster ?? event.stream);

/** The name a chain is kept under. */
export const chainName = (chain: string): string => chain.toLowerCase();

/** The event as canonical JSON (RFC 8785): one text per content, whatever the order of its members. */
export function canonicalText(event: DomainEvent): string {
  const text = canonicalize(event);
  if (text === undefined)
    throw new Error(`writing ${event.stream} #${event.seq}: the event is not JSON`);
  return text;
}

/** The hash of an event in its chain: sha256 (hex) over the hash before it and its canonical text. */
export const linkHash = (previous: string, text: string): string =>
  createHash('sha256').update(`${previous}\n${text}`).digest('hex');
