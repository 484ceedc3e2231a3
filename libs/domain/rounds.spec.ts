import { expect, it } from 'vitest';

import { evolve, unknownCluster, type Cluster } from './cluster.ts';
import type { ClusterSeen } from './events.ts';
import { newsOf, raisedBy } from './rounds.ts';

const now = Date.parse('2026-03-01T00:00:00Z');
const finding = (code: 'version_behind' | 'key_expiring', rule = 'R95') =>
  ({ code, severity: 'warning', rule, reason: code, remedy: 'r' }) as const;
const seen: ClusterSeen = {
  clusterId: '/cluster',
  region: 'westeurope',
  capacityGbPerDay: 500,
  doubleEncryption: true,
  principalId: 'p',
  key: { kid: 'https://kv/keys/cmk/1', mode: 'explicit' },
  linkedWorkspaces: 2,
  findings: { top: [], count: 0 },
};
const withFindings = (...top: ReturnType<typeof finding>[]): ClusterSeen => ({
  ...seen,
  findings: { top, count: top.length },
});

/** The card once it was told what the inspection saw. */
function told(known: Cluster, look: ClusterSeen | undefined): Cluster {
  const news = newsOf(known, look, now);
  if (news === undefined) throw new Error('there is no news');
  return evolve(known, news);
}

const known = told({ ...unknownCluster('/cluster'), seq: 7 }, seen);
const revoked: Cluster = { ...known, state: 'revoked', revokedAt: '2026-02-01T00:00:00Z' };

it('has nothing to tell of a cluster that is as it was known, whenever it looks', () => {
  expect(newsOf(known, { ...seen }, now + 3_600_000)).toBeUndefined();
});

it('tells a finding that came, and that it went', () => {
  const behind = told(known, withFindings(finding('version_behind')));
  expect(behind.findings.top.map(({ code }) => code)).toEqual(['version_behind']);
  expect(newsOf(behind, withFindings(finding('version_behind')), now)).toBeUndefined();
  expect(told(behind, seen).findings).toEqual({ top: [], count: 0 });
});

it('raises a finding when it comes, and neither when it stays nor when it goes', () => {
  const raised = (card: Cluster, look: ClusterSeen | undefined) => {
    const news = newsOf(card, look, now);
    return news === undefined ? [] : raisedBy(card, news).map(({ code }) => code);
  };
  const behind = told(known, withFindings(finding('version_behind')));
  const both = withFindings(finding('version_behind'), finding('key_expiring'));
  const reworded: ClusterSeen = {
    ...seen,
    findings: { top: [{ ...finding('version_behind'), reason: 'in other words' }], count: 1 },
  };
  expect(raised(known, withFindings(finding('version_behind')))).toEqual(['version_behind']);
  expect(raised(behind, both)).toEqual(['key_expiring']);
  expect(raised(behind, reworded)).toEqual([]);
  expect(raised(behind, seen)).toEqual([]);
  expect(raised(known, undefined)).toEqual(['cluster_missing']);
  expect(raised(revoked, seen)).toEqual(['access_back']);
});

it('tells that somebody bound another key', () => {
  const key = { kid: 'https://kv/keys/cmk/2', mode: 'automatic' } as const;
  expect(told(known, { ...seen, key }).key).toMatchObject(key);
});

it('tells once that a revoked cluster has its access back, and that it lost it again', () => {
  const back = told(revoked, seen);
  expect(back).toMatchObject({ state: 'revoked', findings: { top: [{ code: 'access_back' }] } });
  expect(newsOf(back, seen, now)).toBeUndefined();
  const out = withFindings({ ...finding('key_expiring', 'R112') });
  const codes = told(back, out).findings.top.map(({ code }) => code);
  expect(codes).not.toContain('access_back');
});

it('tells once that a cluster is not there, and that it is back', () => {
  const gone = told(known, undefined);
  expect(gone.findings).toMatchObject({ top: [{ code: 'cluster_missing' }], count: 1 });
  expect(newsOf(gone, undefined, now)).toBeUndefined();
  expect(told(gone, seen).findings.count).toBe(0);
});
