import { cardOf, evolve, type Cluster } from './cluster.ts';
import { fact, type ClusterSeen, type DomainEvent } from './events.ts';
import type { Finding } from './findings.ts';
import { eventOf } from './operation-stream.ts';

/** States of clusters that are inspected every hour: they are there, and somebody relies on their key. */
export const inspectedStates: readonly Cluster['state'][] = ['protected', 'revoked', 'unprotected'];

/**
 * What an inspection that nobody asked for has to tell a cluster's entity: nothing when it saw what was known, so
 * that a cluster on which nothing happens adds no event.
 */
export function newsOf(
  known: Cluster,
  seen: ClusterSeen | undefined,
  now: number,
): DomainEvent | undefined {
  if (seen === undefined && known.findings.top.some(({ code }) => code === 'cluster_missing'))
    return undefined;
  const told =
    seen === undefined
      ? fact('FindingRaised', { finding: missing(known.id) })
      : fact('ClusterSeen', seen);
  const at = new Date(now).toISOString();
  const place = { stream: 'inspect-all', seq: known.seq + 1, at, cluster: known.id };
  const event = eventOf(told, place);
  return isSameCard(evolve(known, event), known) ? undefined : event;
}

/** Findings that the entity did not know before such news; one that it knew in other words is not new. */
export function raisedBy(known: Cluster, news: DomainEvent): readonly Finding[] {
  const isKnown = (finding: Finding) =>
    known.findings.top.some(
      ({ code, rule, target }) =>
        code === finding.code && rule === finding.rule && target === finding.target,
    );
  return evolve(known, news).findings.top.filter((finding) => !isKnown(finding));
}

/** Whether two folds show the same to those who read them; how many events they hold does not count. */
function isSameCard(one: Cluster, other: Cluster): boolean {
  const text = (card: Cluster) => JSON.stringify(sorted({ ...cardOf(card), seq: 0 }));
  return text(one) === text(other);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([name, member]) => [name, sorted(member)]));
}

const missing = (target: string): Finding => ({
  code: 'cluster_missing',
  severity: 'warning',
  rule: 'R116',
  reason: 'the cluster is not there any more, and Keyturn did not delete it',
  remedy: 'Find out who deleted it: its name and its data are held for fourteen days.',
  target,
});
