import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { addFault } from '../faults.ts';
import type { Cluster } from '../providers/operational-insights/documents.ts';
import {
  clusterAt,
  clusterBody,
  idOf,
  keyBody,
  linkAt,
  provide,
  provideKey,
} from '../providers/operational-insights/spec-stories.ts';
import { openSimulatedAzure } from '../simulated-azure.ts';
import type { SimulatedAzure } from '../simulated-azure.ts';
import { openSpecLogs } from './spec-logs.ts';
import type { SpecLogs } from './spec-logs.ts';

const MINUTE = 60;
const DAY = 86_400;
const VAULT = 'kv-logs';
const OUT_OF_REACH = 'CustomerManagedKeyAccessError';

let azure: SimulatedAzure;
let logs: SpecLogs;
let cluster: Cluster;
let version: string;
let kid: string;

/** A workspace with one record from before its link to a cluster that has a key, and one from after. */
beforeEach(async () => {
  azure = await openSimulatedAzure();
  logs = await openSpecLogs(azure);
  await logs.sendMarked('before');
  cluster = await provide(azure, 'logs');
  const { principalId } = cluster.identity;
  version = await provideKey(azure, { vault: VAULT, principalId, purgeProtection: true });
  await azure.ask('PATCH', clusterAt('logs'), keyBody(VAULT, version));
  await azure.advance(2 * MINUTE);
  await link('ws-audit');
  await logs.sendMarked('after');
  kid = `https://${VAULT}.vault.azure.net/keys/kek/${version}`;
});

afterEach(async () => {
  await azure.close();
});

async function link(workspace: string): Promise<void> {
  const body = { properties: { writeAccessResourceId: cluster.id } };
  const reply = await azure.ask('PUT', linkAt(workspace), { body });
  if (reply.status >= 300) throw new Error(`linking: ${JSON.stringify(reply.body)}`);
  await azure.advance(18 * MINUTE);
}

async function enableKey(enabled: boolean, which = version): Promise<void> {
  const url = `https://${VAULT}.vault.azure.net/keys/kek/${which}`;
  await azure.ask('PATCH', url, { apiVersion: '7.5', body: { attributes: { enabled } } });
}

async function revoke(): Promise<void> {
  await enableKey(false);
  await azure.advance(11 * MINUTE);
}

describe('a linked workspace', () => {
  test('writes under the customer key from the link on, and queries see both sides (R2, R10)', async () => {
    expect(await logs.markers('ws-audit')).toEqual(['before', 'after']);
    expect(await logs.numbers('ws-audit')).toMatchObject({
      accepted: 2,
      dropped: 0,
      writtenUnder: { MMK: 1, [kid]: 1 },
      readable: { MMK: 1, [kid]: 1 },
      hotCache: 2,
    });
    expect((await logs.numbers('ws-trading')).writtenUnder).toEqual({ MMK: 2 });
  });

  test('loses records and queries while the key is revoked, and says so nowhere on ingestion (R83)', async () => {
    await revoke();
    expect((await logs.send([{ Marker: 'lost' }])).status).toBe(204);
    await azure.advance(MINUTE);
    expect(await logs.markers('ws-audit')).toBe(OUT_OF_REACH);
    expect(await logs.markers('ws-trading')).toEqual(['before', 'after', 'lost']);
    expect(await logs.numbers('ws-audit')).toMatchObject({
      accepted: 3,
      dropped: 1,
      readable: { MMK: 1 },
      unreadable: { [kid]: 1 },
      hotCache: 1,
    });
  });

  test('still shows, while revoked, what is older than the link', async () => {
    const to = await azure.look((tx) => tx.now - 19 * MINUTE * 1000);
    await revoke();
    const timespan = `2026-01-01T00:00:00Z/${new Date(to).toISOString()}`;
    expect(await logs.markers('ws-audit', { timespan })).toEqual(['before']);
  });

  test('goes on for the time that a revocation takes to be noticed (R82)', async () => {
    await enableKey(false);
    await azure.advance(9 * MINUTE);
    await logs.sendMarked('late');
    expect(await logs.markers('ws-audit')).toEqual(['before', 'after', 'late']);
  });

  test('comes back after the key does, without what was dropped (R85, R87, R88)', async () => {
    await revoke();
    await logs.sendMarked('lost');
    await enableKey(true);
    await azure.advance(5 * MINUTE);
    expect(await logs.markers('ws-audit')).toBe(OUT_OF_REACH);
    await azure.advance(6 * MINUTE);
    await logs.sendMarked('again');
    expect(await logs.markers('ws-audit')).toEqual(['before', 'after', 'again']);
    expect(await logs.numbers('ws-audit')).toMatchObject({ dropped: 1, hotCache: 3 });
  });

  test('does not notice that the vault is out of order (R155)', async () => {
    const host = `${VAULT}.vault.azure.net`;
    await azure.look((tx) => addFault(tx, { host, action: { kind: 'status', status: 503 } }));
    await azure.advance(120 * MINUTE);
    await logs.sendMarked('meanwhile');
    expect(await logs.markers('ws-audit')).toEqual(['before', 'after', 'meanwhile']);
  });

  test('is protected by the new version as soon as the cluster has it (R97)', async () => {
    const body = { kty: 'RSA', key_size: 2048 };
    const url = `https://${VAULT}.vault.azure.net/keys/kek/create`;
    const made = await azure.ask('POST', url, { apiVersion: '7.5', body });
    const next = (made.body as { key: { kid: string } }).key.kid;
    const nextVersion = next.split('/').at(-1) ?? '';
    await azure.ask('PATCH', clusterAt('logs'), keyBody(VAULT, nextVersion));
    await azure.advance(2 * MINUTE);
    expect(await logs.numbers('ws-audit')).toMatchObject({
      writtenUnder: { MMK: 1, [kid]: 1 },
      readable: { MMK: 1, [next]: 1 },
    });
  });

  test('leaves its old data on the cluster when it is unlinked (R9, R76)', async () => {
    await azure.ask('DELETE', linkAt('ws-audit'));
    await azure.advance(MINUTE);
    await logs.sendMarked('free');
    expect(await logs.markers('ws-audit')).toEqual(['before', 'after', 'free']);
    await revoke();
    expect(await logs.markers('ws-audit')).toBe(OUT_OF_REACH);
    expect(await logs.markers('ws-audit', { timespan: 'PT12M' })).toEqual(['free']);
  });

  test('loses with its cluster what lay there (R145)', async () => {
    await azure.ask('DELETE', clusterAt('logs'));
    await azure.advance(MINUTE);
    expect(await logs.markers('ws-audit')).toEqual(['before']);
    expect((await logs.numbers('ws-audit')).lost).toBe(1);
  });

  test('forgets what its retention has left, also while revoked (R86)', async () => {
    await revoke();
    await azure.advance(30 * DAY);
    expect(await logs.numbers('ws-audit')).toMatchObject({ readable: {}, unreadable: {} });
    await enableKey(true);
    await azure.advance(11 * MINUTE);
    await logs.sendMarked('new');
    expect(await logs.markers('ws-audit')).toEqual(['new']);
  });
});

test('a link made before the cluster is there drops what is sent (R38)', async () => {
  await azure.ask('PUT', clusterAt('early'), { body: clusterBody });
  const body = { properties: { writeAccessResourceId: idOf(azure, clusterAt('early')) } };
  await azure.ask('PUT', linkAt('ws-trading'), { body });
  await logs.sendMarked('gone');
  expect(await logs.markers('ws-trading')).toEqual(['before', 'after']);
  expect((await logs.numbers('ws-trading')).dropped).toBe(1);
});

test('what has left the hot cache is still read', async () => {
  await azure.advance(15 * DAY);
  expect(await logs.markers('ws-audit')).toEqual(['before', 'after']);
  expect((await logs.numbers('ws-audit')).hotCache).toBe(0);
});
