import { expect, it } from 'vitest';

import {
  cardLimit,
  cardOf,
  decide,
  evolve,
  openOperationsLimit,
  unknownCluster,
  type Cluster,
  type RequestOperation,
} from './cluster.ts';
import { fact, type DomainEvent, type EventData, type EventType, type Fact } from './events.ts';
import { eventOf } from './operation-stream.ts';

const person = { objectId: 'o', name: 'Ada' };
const command = {
  type: 'RequestOperation',
  kind: 'provision',
  request: {},
  requestedBy: person,
} as RequestOperation;
type Told = { [K in EventType]: [K, EventData[K]] }[EventType];

function fold(cluster: Cluster, ...told: Told[]): Cluster {
  return told.reduce((known, [type, data]) => {
    const place = {
      stream: 's',
      seq: known.seq + 1,
      at: '2026-03-01T00:00:00.000Z',
      cluster: 'c',
      operationId: 'op',
    };
    return evolve(known, eventOf(fact(type, data), place));
  }, cluster);
}

const requested: Told = [
  'OperationRequested',
  { kind: 'provision', request: {} as never, requestedBy: person },
];
const created: Told = [
  'ClusterCreated',
  { clusterId: 'c', region: 'westeurope', capacityGbPerDay: 500, principalId: 'p' },
];
const bound: Told = ['KeyVersionBound', { clusterId: 'c', kid: 'kid', mode: 'explicit' }];
const ended: Told = [
  'OperationEnded',
  { outcome: { result: 'refused', summary: '', findings: [], evidence: [] } },
];

it('accepts a request as a fact', () => {
  expect(decide(unknownCluster('c'), command)).toEqual([
    fact('OperationRequested', { kind: 'provision', request: {} as never, requestedBy: person }),
  ]);
});

it('refuses more open operations than it can keep', () => {
  const full = fold(
    unknownCluster('c'),
    ...Array.from({ length: openOperationsLimit }, () => requested),
  );
  expect(decide(full, command)).toMatchObject({ code: 'cluster_busy' });
});

it('is provisioning from the first request on, then unprotected, then protected', () => {
  const states = [[requested], [requested, created], [requested, created, bound]].map(
    (told) => fold(unknownCluster('c'), ...told).state,
  );
  expect(states).toEqual(['provisioning', 'unprotected', 'protected']);
});

it('is absent again when the provision ended before there was a cluster', () => {
  expect(fold(unknownCluster('c'), requested, ended)).toMatchObject({
    state: 'absent',
    operations: [],
  });
});

it('knows since when it is bound and how many workspaces are linked', () => {
  const linked: Told = ['WorkspaceLinked', { clusterId: 'c', workspaceId: 'w' }];
  const cluster = fold(unknownCluster('c'), created, bound, linked, linked);
  expect(cluster).toMatchObject({
    key: { kid: 'kid', boundAt: '2026-03-01T00:00:00.000Z' },
    linkedWorkspaces: 2,
  });
});

const waits = (operationId: string, until?: string): DomainEvent =>
  toldBy(operationId, fact('WaitStarted', { reason: 'soak', detail: '', ...(until && { until }) }));

const toldBy = (operationId: string, told: Fact): DomainEvent =>
  eventOf(told, { stream: 's', seq: 1, at: '2026-03-01T00:00:00.000Z', cluster: 'c', operationId });

it('keeps what each operation waits for, the next first, until that very one waits no more', () => {
  const [early, late] = ['2026-03-02T00:00:00.000Z', '2026-03-15T00:00:00.000Z'];
  const both = [waits('a', late), waits('b', early)].reduce(evolve, unknownCluster('c'));
  expect(both.deadlines).toEqual([
    { operationId: 'b', reason: 'soak', at: early },
    { operationId: 'a', reason: 'soak', at: late },
  ]);
  const over = evolve(both, toldBy('b', fact('WaitEnded', { reason: 'soak' })));
  expect(over.deadlines).toEqual([{ operationId: 'a', reason: 'soak', at: late }]);
  expect(evolve(over, waits('a')).deadlines).toEqual([]);
});

it('keeps its card below 4 KiB with all that can grow, and tells the next deadline in any case', () => {
  const finding = {
    code: 'unclean_end',
    severity: 'warning',
    rule: 'lane',
    reason: 'ü'.repeat(300),
    remedy: 'm'.repeat(200),
  } as const;
  const ids = Array.from({ length: openOperationsLimit }, () => crypto.randomUUID());
  const events = ids.flatMap((id, index) => [
    toldBy(id, fact('OperationRequested', requested[1])),
    waits(id, new Date(1_800_000_000_000 - index).toISOString()),
    toldBy(id, fact('FindingRaised', { finding })),
  ]);
  const cluster = events.reduce(evolve, fold(unknownCluster('c'.repeat(200)), created, bound));
  const card = cardOf(cluster);
  expect(Buffer.byteLength(JSON.stringify(card))).toBeLessThanOrEqual(cardLimit);
  expect(card.deadlines[0]).toEqual(cluster.deadlines[0]);
  expect(card.findings.count).toBe(50);
  expect(cluster).toMatchObject({ operations: { length: 50 }, deadlines: { length: 50 } });
});

it('shows a card as it is while it is small', () => {
  const cluster = fold(unknownCluster('c'), requested, created, bound);
  expect(cardOf(cluster)).toEqual(cluster);
});

const lost: Told = ['AccessLost', { clusterId: 'c', principalId: 'p', reason: 'why' }];
const seen = (codes: readonly string[]): Told => {
  const findings = codes.map((rule) => ({
    code: 'missing_permission' as const,
    severity: 'warning' as const,
    rule,
    reason: 'r',
    remedy: 'm',
  }));
  const key = { kid: 'kid', mode: 'explicit' } as const;
  const where = { clusterId: 'c', region: 'westeurope', capacityGbPerDay: 500 };
  const shown = { ...where, doubleEncryption: true, key };
  const known = { top: findings, count: findings.length };
  return ['ClusterSeen', { ...shown, linkedWorkspaces: 0, findings: known }];
};

it('is revoked until its access returns, whatever an inspection shows', () => {
  const revoked = fold(unknownCluster('c'), created, bound, lost, seen(['R112']));
  expect(revoked).toMatchObject({ state: 'revoked', revokedAt: '2026-03-01T00:00:00.000Z' });
  const back = fold(revoked, ['AccessReturned', { clusterId: 'c' }]);
  expect(back.state).toBe('protected');
  expect(back).not.toHaveProperty('revokedAt');
});

it('says that access came back behind our back', () => {
  const revoked = fold(unknownCluster('c'), created, bound, lost);
  expect(fold(revoked, seen(['R112'])).findings.top.map(({ code }) => code)).toEqual([
    'missing_permission',
  ]);
  expect(fold(revoked, seen([])).findings.top.map(({ code }) => code)).toEqual(['access_back']);
});

it('takes no work that could undo a revocation, and no work on what is not known', () => {
  const revoked = fold(unknownCluster('c'), created, bound, lost);
  const kinds = ['provision', 'rotate', 'inspect', 'revoke', 'recover'] as const;
  const refused = (cluster: Cluster) =>
    kinds.filter((kind) => 'code' in decide(cluster, { ...command, kind }));
  expect(refused(revoked)).toEqual(['provision', 'rotate']);
  expect(refused(unknownCluster('c'))).toEqual(['rotate', 'inspect', 'revoke', 'recover']);
});

it('reports what appears in the vault unless a request or a person wants it bound', () => {
  const asking = (onNewVersion: 'bind' | 'report', planOnly = false): Told => [
    'OperationRequested',
    { kind: 'provision', request: { onNewVersion, planOnly } as never, requestedBy: person },
  ];
  const known = fold(unknownCluster('c'), asking('bind'), created, bound);
  expect(known.onNewVersion).toBe('bind');
  expect(fold(known, asking('report', true)).onNewVersion).toBe('bind');
  const change = { type: 'ChangePolicy', onNewVersion: 'report', by: person } as const;
  const changed = fact('PolicyChanged', { onNewVersion: 'report', by: person });
  expect(decide(known, change)).toEqual([changed]);
  const after = fold(known, [changed.type, changed.data] as Told);
  expect(after.onNewVersion).toBe('report');
  expect(decide(after, change)).toEqual([]);
  expect(decide(unknownCluster('c'), change)).toMatchObject({ code: 'cluster_unknown' });
});
