import * as fc from 'fast-check';
import { expect, it } from 'vitest';

import {
  cardLimit,
  cardOf,
  decide,
  evolve,
  openOperationsLimit,
  unknownCluster,
  type Cluster,
} from './cluster.ts';
import { fact, type Fact, type OperationKind } from './events.ts';
import type { Finding } from './findings.ts';
import { eventOf } from './operation-stream.ts';

/** What holds of a cluster whatever is asked of it, and whatever its operations tell, in any order. */
const kinds = ['provision', 'adopt', 'inspect', 'rotate', 'revoke', 'recover'] as const;
const requestedBy = { objectId: 'o', name: 'Ada' };
const clusterId = 'c';
const finding: Finding = {
  code: 'key_not_bound',
  severity: 'warning',
  rule: 'R112',
  reason: '',
  remedy: '',
};
const findings = fc.constantFrom({ top: [], count: 0 }, { top: [finding], count: 1 });
const mode = fc.constantFrom('explicit' as const, 'automatic' as const);
const kid = fc.constantFrom('kid-1', 'kid-2');
const purge = fc.constantFrom(
  { reason: 'key_purged', at: '2026-03-09T00:00:00.000Z' } as const,
  undefined,
);
const until = fc.constantFrom('2026-03-15T00:00:00.000Z', '2026-03-02T00:00:00.000Z', undefined);

type Happening =
  | { readonly asks: OperationKind }
  /** The open operation of that place, counted round, tells a fact. */
  | { readonly teller: number; readonly tells: Fact };

const told: fc.Arbitrary<Fact> = fc.oneof(
  fc.constant(
    fact('ClusterCreated', { clusterId, region: 'r', capacityGbPerDay: 500, principalId: 'p' }),
  ),
  fc.record({ kid, mode }).map((key) => fact('KeyVersionBound', { clusterId, ...key })),
  fc
    .record({ findings, purge, key: fc.option(fc.record({ kid, mode }), { nil: undefined }) })
    .map(({ key, purge: due, ...seen }) =>
      fact('ClusterSeen', {
        clusterId,
        region: 'r',
        capacityGbPerDay: 500,
        doubleEncryption: true,
        linkedWorkspaces: 1,
        ...seen,
        ...(key !== undefined && { key }),
        ...(due !== undefined && { purge: due }),
      }),
    ),
  fc.constant(fact('AccessLost', { clusterId, principalId: 'p', reason: '' })),
  fc.constant(fact('AccessReturned', { clusterId })),
  fc.constant(fact('WorkspaceLinked', { clusterId, workspaceId: 'w' })),
  until.map((at) =>
    fact('WaitStarted', { reason: 'name_reserved', detail: '', ...(at && { until: at }) }),
  ),
  fc.constant(fact('WaitEnded', { reason: 'name_reserved' })),
  fc.constant(fact('FindingRaised', { finding })),
  fc
    .constantFrom('succeeded' as const, 'refused' as const, 'cancelled' as const)
    .map((result) =>
      fact('OperationEnded', { outcome: { result, summary: '', findings: [], evidence: [] } }),
    ),
);

const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.constantFrom(...kinds).map((asks) => ({ asks })),
  { weight: 3, arbitrary: fc.record({ teller: fc.nat(9), tells: told }) },
);

interface Seen {
  readonly before: Cluster;
  readonly happening: Happening;
  /** Undefined when a request was refused. */
  readonly event: ReturnType<typeof eventOf> | undefined;
  readonly after: Cluster;
}

/** Lets things happen to a cluster one after the other, and shows each with the cluster before and after it. */
function played(happenings: readonly Happening[]): Seen[] {
  let cluster = unknownCluster(clusterId);
  let asked = 0;
  return happenings.flatMap((happening): Seen[] => {
    const before = cluster;
    const place = {
      stream: 's',
      seq: before.seq + 1,
      at: new Date(before.seq).toISOString(),
      cluster: clusterId,
    };
    if ('asks' in happening) {
      const command = {
        type: 'RequestOperation',
        kind: happening.asks,
        request: {} as never,
        requestedBy,
      } as const;
      const decision = decide(before, command);
      if ('code' in decision) return [{ before, happening, event: undefined, after: before }];
      expect(decision).toHaveLength(1);
      const [made = happening as never] = decision;
      asked += 1;
      const event = eventOf(made, { ...place, operationId: `op-${asked}` });
      cluster = evolve(before, event);
      return [{ before, happening, event, after: cluster }];
    }
    const { operations } = before;
    const teller = operations[happening.teller % Math.max(operations.length, 1)];
    if (teller === undefined) return [];
    const event = eventOf(happening.tells, { ...place, operationId: teller.id });
    cluster = evolve(before, event);
    return [{ before, happening, event, after: cluster }];
  });
}

const always = (holds: (seen: Seen) => void) =>
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 80 }), (happenings) => {
      for (const seen of played(happenings)) holds(seen);
    }),
    { numRuns: 300 },
  );

const idsOf = ({ operations }: Cluster) => operations.map(({ id }) => id);

it('keeps an accepted operation until that very one has ended, and never too many', () => {
  always(({ before, event, after }) => {
    const id = event?.operationId ?? '';
    expect(idsOf(after).length).toBeLessThanOrEqual(openOperationsLimit);
    if (event?.type === 'OperationRequested') expect(idsOf(after)).toEqual([...idsOf(before), id]);
    else if (event?.type === 'OperationEnded')
      expect(idsOf(after)).toEqual(idsOf(before).filter((other) => other !== id));
    else expect(idsOf(after)).toEqual(idsOf(before));
  });
});

it('is not absent while it is being provisioned, whatever else ends meanwhile', () => {
  always(({ after }) => {
    if (after.operations.some(({ kind }) => kind === 'provision'))
      expect(after.state).not.toBe('absent');
  });
});

it('stays revoked until access is given back, and takes no other work meanwhile', () => {
  always(({ before, happening, event, after }) => {
    expect(after.revokedAt !== undefined).toBe(after.state === 'revoked');
    if (before.state !== 'revoked') return;
    if (event?.type !== 'AccessReturned') expect(after.state).toBe('revoked');
    if ('asks' in happening && ['provision', 'rotate'].includes(happening.asks))
      expect(event).toBeUndefined();
  });
});

it('keeps a deadline of each operation that waits, and touches no other', () => {
  always(({ before, event, after }) => {
    const teller = event?.operationId;
    const others = ({ deadlines }: Cluster) =>
      deadlines.filter(({ operationId = teller }) => operationId !== teller);
    expect(others(after)).toEqual(others(before));
    const own = after.deadlines.filter(({ operationId }) => operationId === teller);
    if (event?.type === 'WaitStarted')
      expect(own.map(({ at }) => at)).toEqual(event.data.until ? [event.data.until] : []);
    if (event?.type === 'WaitEnded' || event?.type === 'OperationEnded') expect(own).toEqual([]);
    const instants = after.deadlines.map(({ at }) => at);
    expect(instants).toEqual(instants.toSorted());
  });
});

it('keeps the instant at which what is deleted is purged until it is seen to be there', () => {
  always(({ before, event, after }) => {
    const purgesOf = ({ deadlines }: Cluster) =>
      deadlines.filter(({ reason }) => reason === 'key_purged');
    if (event?.type === 'ClusterSeen')
      expect(purgesOf(after)).toEqual(event.data.purge === undefined ? [] : [event.data.purge]);
    else if (event?.type === 'AccessReturned') expect(purgesOf(after)).toEqual([]);
    else expect(purgesOf(after)).toEqual(purgesOf(before));
  });
});

it('always has a card of 4 KiB at most, on which the next deadline stands', () => {
  always(({ after }) => {
    const card = cardOf(after);
    expect(JSON.stringify(card).length).toBeLessThanOrEqual(cardLimit);
    expect(card.deadlines[0]).toEqual(after.deadlines[0]);
  });
});

it('shows five findings at most and counts them all, and no event twice', () => {
  always(({ before, event, after }) => {
    expect(after.findings.top.length).toBeLessThanOrEqual(5);
    expect(after.findings.count).toBeGreaterThanOrEqual(after.findings.top.length);
    expect(after.seq).toBe(event === undefined ? before.seq : before.seq + 1);
  });
});
