import { afterEach, beforeEach, expect, test } from 'vitest';
import { removeFaults } from './faults.ts';
import { namedFault } from './named-faults.ts';
import { releaseHeld } from './providers/operational-insights/operations.ts';
import {
  clusterAt,
  clusterBody,
  keyBody,
  provide,
  provideKey,
} from './providers/operational-insights/spec-stories.ts';
import { openSimulatedAzure } from './simulated-azure.ts';
import type { SimulatedAzure } from './simulated-azure.ts';

const host = 'management.azure.com';
let azure: SimulatedAzure;

beforeEach(async () => {
  azure = await openSimulatedAzure();
});

afterEach(async () => {
  await azure.close();
});

async function stateOf(name: string): Promise<unknown> {
  const { body } = await azure.ask('GET', clusterAt(name));
  return (body as { properties: { provisioningState: unknown } }).properties.provisioningState;
}

test('a name that ends in a known word brings its fault, to writes only', () => {
  const target = '/x/clusters/clu-FAULT-503?api-version=1';
  expect(namedFault({ host, method: 'PUT', target })?.action).toEqual({
    kind: 'status',
    status: 503,
  });
  expect(namedFault({ host, method: 'GET', target })).toBeUndefined();
  for (const other of [
    '/x/clusters/clu-fault-plum',
    '/x/clusters/clu-fault-5031',
    '/x/vaults/kv-fault-503',
  ]) {
    expect(namedFault({ host, method: 'PUT', target: other })).toBeUndefined();
  }
});

test('a cluster called so is stuck until the faults are cleared, or fails', async () => {
  await azure.ask('PUT', clusterAt('clu-fault-stuck'), { body: clusterBody });
  await azure.ask('PUT', clusterAt('clu-fault-fail'), { body: clusterBody });
  await azure.advance(86_400);
  expect([await stateOf('clu-fault-stuck'), await stateOf('clu-fault-fail')]).toEqual([
    'Creating',
    'Failed',
  ]);
  await azure.look((tx) => {
    removeFaults(tx);
    releaseHeld(tx);
  });
  await azure.advance(0);
  expect(await stateOf('clu-fault-stuck')).toBe('Succeeded');
});

test('a vault called so is out of order for the cluster too', async () => {
  const { identity } = await provide(azure, 'logs');
  const { principalId } = identity;
  const bind = async (vault: string): Promise<number> => {
    const version = await provideKey(azure, { vault, principalId, purgeProtection: true });
    return (await azure.ask('PATCH', clusterAt('logs'), keyBody(vault, version))).status;
  };
  expect([await bind('kv-fault-503'), await bind('kv-good')]).toEqual([400, 202]);
});
