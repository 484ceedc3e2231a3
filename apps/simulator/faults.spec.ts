import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FaultRule } from './fault-rule.ts';
import { addFault, pickFault, removeFaults } from './faults.ts';
import { releaseHeld } from './providers/operational-insights/operations.ts';
import {
  clusterAt,
  clusterBody,
  keyBody,
  idOf,
  linkAt,
  provide,
  provideKey,
} from './providers/operational-insights/spec-stories.ts';
import { openSimulatedAzure } from './simulated-azure.ts';
import type { Reply, SimulatedAzure } from './simulated-azure.ts';

const MINUTE = 60;
const WORKSPACE = 'Microsoft.OperationalInsights/workspaces/ws-payments';
let azure: SimulatedAzure;

beforeEach(async () => {
  azure = await openSimulatedAzure();
});

afterEach(async () => {
  await azure.close();
});

async function plant(rule: FaultRule): Promise<void> {
  await azure.look((tx) => addFault(tx, rule));
}

async function create(): Promise<Reply> {
  return await azure.ask('PUT', clusterAt('logs'), { body: clusterBody });
}

async function get(): Promise<Reply> {
  return await azure.ask('GET', clusterAt('logs'));
}

async function stateOf(): Promise<string | undefined> {
  const { body } = await get();
  return (body as { properties?: { provisioningState: string } }).properties?.provisioningState;
}

async function follow({ headers }: Reply): Promise<Reply> {
  return await azure.ask('GET', headers['azure-asyncoperation'] ?? '');
}

async function statusOf(reply: Reply): Promise<string> {
  return ((await follow(reply)).body as { status: string }).status;
}

async function link(): Promise<Reply> {
  return await azure.ask('PUT', linkAt('ws-payments'), {
    body: { properties: { writeAccessResourceId: idOf(azure, clusterAt('logs')) } },
  });
}

async function linkedTo(): Promise<string | undefined> {
  const { body } = await azure.ask('GET', WORKSPACE, { apiVersion: '2023-09-01' });
  const { properties } = body as { properties: { features?: { clusterResourceId?: string } } };
  return properties.features?.clusterResourceId;
}

describe('an operation that is stuck', () => {
  test('goes on until the rule is gone, and over a restart', async () => {
    await plant({ method: 'PUT', action: { kind: 'stuck' } });
    const reply = await create();
    await azure.advance(86_400);
    expect([await statusOf(reply), await stateOf()]).toEqual(['InProgress', 'Creating']);
    const again = await openSimulatedAzure({ folder: azure.folder });
    expect((await again.ask('GET', clusterAt('logs'))).body).toMatchObject({
      properties: { provisioningState: 'Creating' },
    });
    await again.close();
    await azure.look((tx) => {
      removeFaults(tx);
      releaseHeld(tx);
    });
    await azure.advance(0);
    expect([await statusOf(reply), await stateOf()]).toEqual(['Succeeded', 'Succeeded']);
  });

  test('cleared before its time still takes its time', async () => {
    await plant({ method: 'PUT', action: { kind: 'stuck' } });
    const reply = await create();
    await azure.look((tx) => {
      removeFaults(tx);
      releaseHeld(tx);
    });
    await azure.advance(25 * MINUTE - 1);
    expect(await statusOf(reply)).toBe('InProgress');
    await azure.advance(1);
    expect(await statusOf(reply)).toBe('Succeeded');
  });
});

describe('an operation that fails', () => {
  const action = { kind: 'fail', code: 'ServiceBusy', message: 'No room.' } as const;

  test('leaves a failed cluster after a creation, which a PUT creates anew', async () => {
    await plant({ method: 'PUT', count: 1, action });
    const reply = await create();
    await azure.advance(25 * MINUTE);
    expect((await follow(reply)).body).toMatchObject({
      status: 'Failed',
      error: { code: 'ServiceBusy', message: 'No room.' },
    });
    expect(await stateOf()).toBe('Failed');
    expect((await create()).status).toBe(202);
    await azure.advance(25 * MINUTE);
    expect(await stateOf()).toBe('Succeeded');
  });

  test('leaves the old key after a key update, and with `after` the new one', async () => {
    const { identity } = await provide(azure, 'logs');
    const { principalId } = identity;
    const vault = 'kv-faults';
    const version = await provideKey(azure, { vault, principalId, purgeProtection: true });
    const keyOf = async (): Promise<string | undefined> => {
      const { body } = await get();
      const { keyVaultProperties } = (body as { properties: { keyVaultProperties?: Key } })
        .properties;
      return keyVaultProperties?.keyVersion;
    };
    await plant({ method: 'PATCH', count: 1, action });
    const first = await azure.ask('PATCH', clusterAt('logs'), keyBody(vault, version));
    await azure.advance(2 * MINUTE);
    expect([await statusOf(first), await keyOf(), await stateOf()]).toEqual([
      'Failed',
      undefined,
      'Succeeded',
    ]);
    await plant({ method: 'PATCH', count: 1, action: { ...action, when: 'after' } });
    const second = await azure.ask('PATCH', clusterAt('logs'), keyBody(vault, version));
    await azure.advance(2 * MINUTE);
    expect([await statusOf(second), await keyOf()]).toEqual(['Failed', version]);
  });

  test('leaves a workspace unlinked after a link, and linked after an unlink', async () => {
    await provide(azure, 'logs');
    await plant({ method: 'PUT', path: 'linkedServices', count: 1, action });
    const failed = await link();
    await azure.advance(18 * MINUTE);
    expect([await statusOf(failed), await linkedTo()]).toEqual(['Failed', undefined]);
    await link();
    await azure.advance(18 * MINUTE);
    await plant({ method: 'DELETE', action });
    const unlinked = await azure.ask('DELETE', linkAt('ws-payments'));
    await azure.advance(MINUTE);
    expect(await statusOf(unlinked)).toBe('Failed');
    expect(await linkedTo()).toBeDefined();
  });

  test('leaves the cluster after a deletion', async () => {
    await provide(azure, 'logs');
    await plant({ method: 'DELETE', action });
    const reply = await azure.ask('DELETE', clusterAt('logs'));
    await azure.advance(MINUTE);
    expect([await statusOf(reply), await stateOf()]).toEqual(['Failed', 'Succeeded']);
  });
});

describe('the record of an operation', () => {
  test('can say Succeeded before the resource does', async () => {
    await plant({ method: 'PUT', action: { kind: 'record-early', seconds: 90 } });
    const reply = await create();
    await azure.advance(25 * MINUTE);
    expect([await statusOf(reply), await stateOf()]).toEqual(['Succeeded', 'Creating']);
    await azure.advance(90);
    expect([await statusOf(reply), await stateOf()]).toEqual(['Succeeded', 'Succeeded']);
  });

  test('can say InProgress when the resource is done', async () => {
    await plant({ method: 'PUT', action: { kind: 'record-late', seconds: 90 } });
    const reply = await create();
    await azure.advance(25 * MINUTE);
    expect([await statusOf(reply), await stateOf()]).toEqual(['InProgress', 'Succeeded']);
    await azure.advance(90);
    expect(await statusOf(reply)).toBe('Succeeded');
  });

  test('can be lost, under both URLs, while the work goes on', async () => {
    await plant({ method: 'PUT', action: { kind: 'lost-record' } });
    const reply = await create();
    expect((await follow(reply)).status).toBe(404);
    expect((await azure.ask('GET', reply.headers['location'] ?? '')).status).toBe(404);
    await azure.advance(25 * MINUTE);
    expect(await stateOf()).toBe('Succeeded');
  });

  test('can be hidden: the answer lacks the headers, or one of them', async () => {
    await plant({ method: 'PUT', count: 1, action: { kind: 'no-headers' } });
    const { status, headers } = await create();
    expect([status, headers['azure-asyncoperation'], headers['location']]).toEqual([
      202,
      undefined,
      undefined,
    ]);
    await azure.advance(25 * MINUTE);
    await plant({ method: 'DELETE', action: { kind: 'no-headers', headers: ['Location'] } });
    const deleted = await azure.ask('DELETE', clusterAt('logs'));
    expect(deleted.headers['azure-asyncoperation']).toBeDefined();
    expect(deleted.headers['location']).toBeUndefined();
  });
});

describe('a stale read', () => {
  test('shows what was before the last write, for as many reads as the rule says', async () => {
    await plant({ method: 'GET', path: 'clusters/logs', count: 2, action: { kind: 'stale' } });
    await create();
    const statuses = [await get(), await get(), await get()].map(({ status }) => status);
    expect(statuses).toEqual([404, 404, 200]);
  });

  test('of the list too', async () => {
    await plant({ method: 'GET', action: { kind: 'stale' } });
    await create();
    const { body } = await azure.ask('GET', 'Microsoft.OperationalInsights/clusters');
    expect(body).toEqual({ value: [] });
  });

  test('shows the old settings for so many seconds after a write', async () => {
    await provide(azure, 'logs');
    await plant({ method: 'GET', action: { kind: 'stale', seconds: 30 } });
    await azure.ask('PATCH', clusterAt('logs'), { body: { tags: { team: 'audit' } } });
    const tags = async (): Promise<unknown> => ((await get()).body as { tags: unknown }).tags;
    expect(await tags()).toEqual({});
    await azure.advance(30);
    expect(await tags()).toEqual({ team: 'audit' });
  });

  test('of a workspace hides its link', async () => {
    await provide(azure, 'logs');
    await plant({ method: 'GET', path: 'ws-payments', action: { kind: 'stale' } });
    await link();
    await azure.advance(18 * MINUTE);
    expect(await linkedTo()).toBeUndefined();
    await azure.look((tx) => removeFaults(tx));
    expect(await linkedTo()).toBeDefined();
  });
});

test('a rule counts only within its time', async () => {
  const now = await azure.look((tx) => tx.now);
  const at = (seconds: number): string => new Date(now + seconds * 1000).toISOString();
  await plant({
    from: at(60),
    until: at(120),
    method: 'PUT',
    path: 'clusters/logs',
    action: { kind: 'no-headers' },
  });
  const hasHeaders = async (): Promise<boolean> => {
    const { headers } = await azure.ask('PUT', clusterAt('logs'), { body: clusterBody });
    await azure.look((tx) => tx.remove('clusters', idOf(azure, clusterAt('logs'))));
    return headers['location'] !== undefined;
  };
  const seen = [await hasHeaders()];
  await azure.advance(60);
  seen.push(await hasHeaders());
  await azure.advance(60);
  seen.push(await hasHeaders());
  expect(seen).toEqual([true, false, true]);
});

interface Key {
  keyVersion?: string;
}

test('a rule may be for the requests that a caller calls by a name', async () => {
  await plant({ clientRequestId: '^operation/1/', action: { kind: 'delay', ms: 1 } });
  const request = {
    host: 'management.azure.com',
    method: 'GET',
    target: '/',
    principal: undefined,
  };
  const pick = async (clientRequestId?: string) =>
    await azure.look((tx) => pickFault(tx, { ...request, clientRequestId }));
  expect(await pick('operation/1/7/1')).toMatchObject({ action: { kind: 'delay' } });
  expect(await pick('operation/11/7/1')).toBeUndefined();
  expect(await pick()).toBeUndefined();
});
