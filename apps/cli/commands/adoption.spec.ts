import { describe, expect, it, vi } from 'vitest';
import type { DiscoveryView } from '#libs/contracts/http/discovery-views.ts';
import { cliUnderTest, ended, operation, operationId, plan, ticket } from '../cli-under-test.ts';

vi.mock('node:timers/promises', () => ({ setTimeout: () => Promise.resolve() }));

const json = (content: object) => Response.json(content);
const started = () => [ticket(), json(operation({ kind: 'adopt' }))];
const keysOf = (asked: ReturnType<typeof cliUnderTest>['asked']) =>
  asked
    .filter(({ method }) => method === 'POST')
    .map(({ headers }) => headers.get('idempotency-key'));

describe('adopt', () => {
  it('asks for the cluster by its short name, and tells the operation', async () => {
    const { run, asked, printed } = cliUnderTest({ answers: started() });
    expect(await run('adopt', 'g/c', '--subscription', 's')).toBe(0);
    expect(asked[0]?.url.pathname).toBe('/v1/clusters/s/g/c/operations');
    expect(asked[0]?.body).toEqual({ kind: 'adopt' });
    expect(printed[0]).toBe(`operation  ${operationId}`);
  });

  it('is one request however often it is made, and another with --again', async () => {
    const answers = [started(), started(), started()].flat();
    const { run, asked } = cliUnderTest({ answers });
    await run('adopt', 's/g/c');
    await run('adopt', 's/g/c');
    await run('adopt', 's/g/c', '--again');
    const keys = keysOf(asked);
    expect(keys[1]).toBe(keys[0]);
    expect(keys[2]).not.toBe(keys[0]);
  });

  it('shows with --plan-only what would be done', async () => {
    const done = json(ended('succeeded', { kind: 'adopt', plan }));
    const { run, asked, printed } = cliUnderTest({ answers: [ticket(), done] });
    expect(await run('adopt', 's/g/c', '--plan-only')).toBe(0);
    expect(asked[0]?.body).toEqual({ kind: 'adopt', planOnly: true });
    expect(printed.at(-1)).toContain(plan.hash);
  });

  it('--watch ends with 3 when there is no such cluster', async () => {
    const { run } = cliUnderTest({ answers: [ticket(), json(ended('refused'))] });
    expect(await run('adopt', 's/g/c', '--watch')).toBe(3);
  });
});

describe('inspect', () => {
  it('is a new inspection each time', async () => {
    const { run, asked } = cliUnderTest({ answers: [...started(), ...started()] });
    expect(await run('inspect', 's/g/c')).toBe(0);
    expect(await run('inspect', 's/g/c')).toBe(0);
    expect(asked[0]?.body).toEqual({ kind: 'inspect' });
    expect(new Set(keysOf(asked)).size).toBe(2);
  });

  it('that is over at once does not speak of a repeated request', async () => {
    const done = json(ended('succeeded', { kind: 'inspect' }));
    const { run, talked } = cliUnderTest({ answers: [ticket(), done] });
    expect(await run('inspect', 's/g/c')).toBe(0);
    expect(talked).toEqual(['succeeded: it is succeeded']);
  });

  it('is what watch means afterwards', async () => {
    const answers = [...started(), json(ended('succeeded', { kind: 'inspect' }))];
    const { run, asked } = cliUnderTest({ answers });
    await run('inspect', 's/g/c');
    expect(await run('watch')).toBe(0);
    expect(asked.at(-1)?.url.pathname).toBe(`/v1/operations/${operationId}`);
  });
});

const cluster = (name: string, isKnown: boolean): DiscoveryView['clusters'][number] => ({
  id: `/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/clusters/${name}`,
  isKnown,
  region: 'westeurope',
  capacityGbPerDay: 500,
  linkedWorkspaces: 2,
  findings: { top: [], count: 0 },
});
const gone = {
  code: 'key_missing',
  severity: 'warning',
  rule: 'R80',
  reason: 'the key is gone',
  remedy: 'Recover it.',
} as const;
const found = (...clusters: DiscoveryView['clusters']) =>
  json({ state: 'done', at: '2026-01-01T00:00:00.000Z', clusters });

describe('discover', () => {
  it('asks again until Azure is read, and shows each cluster and what is amiss', async () => {
    const amiss = { ...cluster('theirs', false), findings: { top: [gone], count: 1 } };
    const answers = [json({ state: 'running', clusters: [] }), found(cluster('ours', true), amiss)];
    const { run, asked, printed, talked } = cliUnderTest({ answers });
    expect(await run('discover', 's')).toBe(0);
    expect(asked.map(({ url }) => url.pathname + url.search)).toEqual([
      '/v1/discovery?subscription=s',
      '/v1/discovery?subscription=s',
    ]);
    expect(printed.map((line) => line.replaceAll(/ {2,}/gu, '  '))).toEqual([
      'NAME  GROUP  KNOWN  REGION  GB/DAY  KEY  WORKSPACES  FINDINGS',
      'ours  g  yes  westeurope  500  -  2  0',
      'theirs  g  no  westeurope  500  -  2  1',
      'theirs:',
      '  warning key_missing (R80): the key is gone',
      '  Recover it.',
    ]);
    expect(talked).toEqual([
      'Azure is being read…',
      'To look after one that is not known: keyturn adopt GROUP/NAME',
    ]);
  });

  it('takes the subscription of the settings, and prints the document for programs', async () => {
    const { run, asked, printed, talked } = cliUnderTest({ answers: [found(cluster('c', false))] });
    expect(await run('discover', '--json', '--subscription', 's')).toBe(0);
    expect(asked[0]?.url.search).toBe('?subscription=s');
    expect(JSON.parse(printed.join('\n'))).toMatchObject({ clusters: [{ isKnown: false }] });
    expect(talked).toEqual([]);
  });

  it('asks for a subscription when none is known', async () => {
    const { run, asked, talked } = cliUnderTest();
    expect(await run('discover')).toBe(2);
    expect(asked).toEqual([]);
    expect(talked[0]).toContain('no subscription is named');
  });
});

describe('policy', () => {
  const cluster = {
    id: '/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/clusters/c',
    subscriptionId: 's',
    resourceGroup: 'g',
    name: 'c',
    state: 'protected',
    onNewVersion: 'bind',
    linkedWorkspaces: 0,
    operations: [],
    findings: { top: [], count: 0 },
    deadlines: [],
    seq: 3,
  };

  it('says what to do with a new version, and shows the cluster', async () => {
    const { run, asked, printed } = cliUnderTest({ answers: [json(cluster)] });
    expect(await run('policy', 's/g/c', 'bind')).toBe(0);
    expect(asked[0]).toMatchObject({ method: 'PATCH', body: { onNewVersion: 'bind' } });
    expect(printed.join('\n')).toContain('bind');
  });

  it('takes no other word', async () => {
    const { run, asked } = cliUnderTest({ answers: [] });
    expect(await run('policy', 's/g/c', 'ignore')).toBe(2);
    expect(asked).toEqual([]);
  });
});
