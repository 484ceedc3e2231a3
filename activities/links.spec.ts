import { describe, expect, it, vi } from 'vitest';

import type { Azure } from '#libs/azure/azure.ts';
import { formatClusterId } from '#libs/domain/azure-ids.ts';

import { accepted, answer, azureError, runAttempt, seen, standInAzure } from './azure-stand-in.ts';
import { linkActivities } from './links.ts';

const cluster = { subscriptionId: 's', resourceGroup: 'g', name: 'main' };
const clusterId = formatClusterId(cluster);
const idOf = (name: string) =>
  `/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/${name}`;
const url = 'https://management.azure.com/link';
const now = Date.parse('2026-03-01T00:00:00Z');

interface Shown {
  /** The cluster of the link resource. */
  readonly link?: string;
  readonly linkState?: string;
  /** The cluster in the workspace's features. */
  readonly feature?: string;
}

/** The deeds over an Azure that shows these workspaces, by name, and takes or refuses links. */
function deedsOver(shown: Readonly<Record<string, Shown>>, refusal?: Error) {
  const link = vi.fn<Azure['workspaces']['link']>(async () => {
    if (refusal !== undefined) throw refusal;
    return await accepted(url);
  });
  const workspaces: Partial<Azure['workspaces']> = {
    link,
    readLink: async ({ name }) => {
      const { link: at, linkState: provisioningState = 'Succeeded' } = shown[name] ?? {};
      return await seen(at === undefined ? undefined : { clusterId: at, provisioningState });
    },
    read: async ({ name }) => {
      const at = shown[name]?.feature;
      return await seen({
        id: idOf(name),
        region: 'westeurope',
        provisioningState: 'Succeeded',
        sku: 'LACluster',
        ...(at === undefined ? {} : { clusterResourceId: at }),
      });
    },
  };
  const deeds = linkActivities(standInAzure({ workspaces }));
  const order = { cluster, workspaces: Object.keys(shown).map(idOf) };
  return {
    link,
    start: async (info: Parameters<typeof runAttempt>[1] = {}, told: unknown[] = []) =>
      await runAttempt(
        async () => await deeds.startLinks(order),
        { currentAttemptScheduledTimestampMs: now, ...info },
        told,
      ),
    settle: async () => await runAttempt(async () => await deeds.settleLinks(order)),
  };
}

describe('starting links', () => {
  it('does not fail before every link is sent and told of', async () => {
    const sent: string[] = [];
    const told: unknown[] = [];
    const slow = Promise.withResolvers<void>();
    const workspaces: Partial<Azure['workspaces']> = {
      readLink: async ({ name }) => {
        if (name === 'slow') await slow.promise;
        return await seen(undefined);
      },
      link: async ({ name }) => {
        sent.push(name);
        if (name === 'quick') throw answer(429);
        return await accepted(url);
      },
    };
    const deeds = linkActivities(standInAzure({ workspaces }));
    const order = { cluster, workspaces: ['quick', 'slow'].map(idOf) };
    const starting = runAttempt(
      async () => await deeds.startLinks(order),
      { currentAttemptScheduledTimestampMs: now },
      told,
    );
    const ending = starting.catch(() => 'failed');
    await vi.waitFor(() => expect(sent).toEqual(['quick']));
    const turn = Promise.withResolvers<string>();
    setImmediate(turn.resolve, 'still at it');
    expect(await Promise.race([ending, turn.promise])).toBe('still at it');
    slow.resolve();
    await expect(starting).rejects.toMatchObject({ type: 'Throttled' });
    expect(sent).toEqual(['quick', 'slow']);
    expect(told.at(-1)).toEqual({ sentAt: { [idOf('slow')]: expect.any(Number) } });
  });

  it('links what is not linked and answers what is to be watched', async () => {
    const { link, start } = deedsOver({ one: {}, two: {} });
    await expect(start()).resolves.toEqual([
      { target: idOf('one'), operationUrl: url },
      { target: idOf('two'), operationUrl: url },
    ]);
    expect(link.mock.calls.map(([{ name }, to]) => [name, to])).toEqual([
      ['one', clusterId],
      ['two', clusterId],
    ]);
  });

  it('sends nothing for one that is linked already, however the id is written', async () => {
    const { link, start } = deedsOver({ one: { link: clusterId.toUpperCase() } });
    await expect(start()).resolves.toEqual([]);
    expect(link).not.toHaveBeenCalled();
  });

  it('watches a link that is on its way without sending it again', async () => {
    const { link, start } = deedsOver({ one: { link: clusterId, linkState: 'Updating' } });
    await expect(start()).resolves.toEqual([{ target: idOf('one') }]);
    expect(link).not.toHaveBeenCalled();
  });

  it('refuses one that is linked elsewhere', async () => {
    const { link, start } = deedsOver({ one: { link: `${clusterId}2` } });
    await expect(start()).rejects.toMatchObject({
      type: 'RefusedByRule',
      nonRetryable: true,
      details: [{ code: 'linked_elsewhere', rule: 'R72', target: idOf('one') }],
    });
    expect(link).not.toHaveBeenCalled();
  });

  it('does not spend a second link within a minute of a lost answer', async () => {
    const told: unknown[] = [];
    const lost = deedsOver({ one: {} }, azureError({ kind: 'timeout' }));
    await expect(lost.start({}, told)).rejects.toMatchObject({ type: 'AnswerLost' });
    const next = deedsOver({ one: {} });
    const info = {
      heartbeatDetails: told.at(-1),
      currentAttemptScheduledTimestampMs: now + 30_000,
    };
    await expect(next.start(info)).rejects.toMatchObject({ type: 'AnswerLost' });
    expect(next.link).not.toHaveBeenCalled();
  });

  it('waits while Azure links or unlinks the workspace', async () => {
    const words = 'Workspace link or unlink operation in process.';
    await expect(deedsOver({ one: {} }, answer(409, words)).start()).rejects.toMatchObject({
      type: 'Busy',
    });
  });
});

describe('settling links', () => {
  it('counts as linked what shows the cluster in its features', async () => {
    const { settle } = deedsOver({ one: { feature: clusterId.toLowerCase() } });
    await expect(settle()).resolves.toEqual({
      linked: [{ workspaceId: idOf('one') }],
      open: [],
      requestIds: ['request-1'],
    });
  });

  it('says who is open, and whether a link is on its way', async () => {
    const { settle } = deedsOver({
      one: { feature: clusterId },
      two: { link: clusterId, linkState: 'Updating' },
      three: {},
      four: { feature: `${clusterId}2`, link: `${clusterId}2` },
    });
    await expect(settle()).resolves.toMatchObject({
      linked: [{ workspaceId: idOf('one') }],
      open: [
        { workspaceId: idOf('two'), seen: 'link Updating', moving: true },
        { workspaceId: idOf('three'), seen: 'no link', moving: false },
        { workspaceId: idOf('four'), seen: 'link Succeeded', linkedTo: `${clusterId}2` },
      ],
    });
  });
});

it('refuses an id that is not one of a workspace', async () => {
  const deeds = linkActivities(standInAzure({}));
  const order = { cluster, workspaces: ['/one'] };
  await expect(runAttempt(async () => await deeds.startLinks(order))).rejects.toMatchObject({
    type: 'NotAsExpected',
    nonRetryable: true,
  });
});
