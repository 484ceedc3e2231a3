import { afterEach, expect, test } from 'vitest';
import { openSimulatedAzure } from '../../simulated-azure.ts';
import type { SimulatedAzure } from '../../simulated-azure.ts';
import {
  clusterAt,
  clusterBody,
  idOf,
  keyBody,
  linkAt,
  provide,
  provideKey,
} from './spec-stories.ts';

let azure: SimulatedAzure;

afterEach(async () => {
  await azure.close();
});

test('R109 and R114: a cluster being created takes neither PUT nor PATCH', async () => {
  azure = await openSimulatedAzure();
  await azure.ask('PUT', clusterAt('busy'), { body: clusterBody });
  const put = await azure.ask('PUT', clusterAt('busy'), { body: clusterBody });
  const patch = await azure.ask('PATCH', clusterAt('busy'), { body: { tags: {} } });
  expect(put.body).toEqual(
    badRequest(
      'Operation cannot be executed now. Async operation is in a state other than succeeded. Cluster must complete its operation before any update operation is performed.',
    ),
  );
  expect(patch.body).toEqual(
    badRequest(
      'Operation cannot be executed now. Wait for the Async operation to complete and try again.',
    ),
  );
});

test('R110 and R115: a cluster being deleted takes neither PUT nor PATCH', async () => {
  azure = await openSimulatedAzure();
  await provide(azure, 'going');
  await azure.ask('DELETE', clusterAt('going'));
  const put = await azure.ask('PUT', clusterAt('going'), { body: clusterBody });
  const patch = await azure.ask('PATCH', clusterAt('going'), { body: { tags: {} } });
  expect(put.body).toEqual(
    badRequest(
      'Cluster is in deleting state. Async operation is in progress . Cluster must complete its operation before any update operation is performed.',
    ),
  );
  expect(patch.body).toEqual(
    badRequest(
      'Cluster is in deleting state. Wait for the Async operation to complete and try again.',
    ),
  );
});

test('R113: a key in a vault without purge protection is not bound', async () => {
  azure = await openSimulatedAzure();
  const { identity } = await provide(azure, 'open');
  const { principalId } = identity;
  const vault = 'kv-spec-open';
  const version = await provideKey(azure, { vault, principalId, purgeProtection: false });
  const reply = await azure.ask('PATCH', clusterAt('open'), keyBody(vault, version));
  expect(reply.body).toEqual(
    badRequest(
      'Key is not recoverable. Key Vault must be set to Soft-delete and Purge-protection. See Key Vault documentation',
    ),
  );
});

test('R117: a cluster being created is not deleted', async () => {
  azure = await openSimulatedAzure();
  await azure.ask('PUT', clusterAt('busy'), { body: clusterBody });
  const reply = await azure.ask('DELETE', clusterAt('busy'));
  expect(reply.status).toBe(409);
  expect(reply.body).toEqual({
    error: {
      code: 'Conflict',
      message:
        "Can't delete a cluster while in provisioning state. Wait for the Async operation to complete and try again.",
    },
  });
});

test('R119 and R122: a workspace being linked takes neither link nor unlink', async () => {
  azure = await openSimulatedAzure();
  const { id } = await provide(azure, 'target');
  const body = { properties: { writeAccessResourceId: id } };
  await azure.ask('PUT', linkAt('ws-audit'), { body });
  const again = await azure.ask('PUT', linkAt('ws-audit'), { body });
  const unlink = await azure.ask('DELETE', linkAt('ws-audit'));
  const conflict = {
    error: { code: 'Conflict', message: 'Workspace link or unlink operation in process.' },
  };
  expect([again.status, unlink.status]).toEqual([409, 409]);
  expect([again.body, unlink.body]).toEqual([conflict, conflict]);
});

test('R124: the name of a deleted cluster is free again after fourteen days, not before', async () => {
  azure = await openSimulatedAzure();
  await provide(azure, 'reborn');
  await azure.ask('DELETE', clusterAt('reborn'));
  await azure.advance(1);
  await azure.advance(14 * 86_400 - 1);
  const early = await azure.ask('PUT', clusterAt('reborn'), { body: clusterBody });
  await azure.advance(1);
  const later = await azure.ask('PUT', clusterAt('reborn'), { body: clusterBody });
  expect(early.status).toBe(409);
  expect(early.body).toMatchObject({ error: { code: 'Conflict' } });
  expect(later.status).toBe(202);
});

test('the tiers of today stand in the messages of today', async () => {
  azure = await openSimulatedAzure();
  const ask = async (capacity?: number): Promise<unknown> => {
    const body = { ...clusterBody, sku: { name: 'CapacityReservation', capacity } };
    return (await azure.ask('PUT', clusterAt('fresh'), { body })).body;
  };
  expect(await ask()).toMatchObject({
    error: {
      message:
        'Missing Capacity in SKU. Set Capacity value to 100, 200, 300, 400, 500, 1000, 2000, 5000, 10000, 25000 or 50000 GB/day.',
    },
  });
  expect(await ask(501)).toEqual({
    error: {
      code: 'InvalidInput',
      message:
        "CapacityReservationLevel must be an allowed value: [GB100,GB200,GB300,GB400,GB500,T1,T2,T5,T10,T25,T50]. Operation Id: 'spec'",
      target: 'sku.capacity',
    },
  });
});

test('several mistakes at once are told in the order body, name, state, sku, identity, key', async () => {
  azure = await openSimulatedAzure({ rules: '2021' });
  const key = { keyVaultUri: 'https://kv.vault.azure.net', keyName: 'kek' };
  const properties = { keyVaultProperties: key };
  const bodies = [
    { location: 'westeurope', properties },
    { location: 'westeurope', properties, sku: { name: 'gold' } },
    { location: 'westeurope', properties, sku: clusterBody.sku },
    { ...clusterBody, properties },
  ];
  const messages: string[] = [];
  for (const body of bodies) {
    const reply = await azure.ask('PUT', clusterAt('fresh'), { body });
    messages.push((reply.body as { error: { message: string } }).error.message.slice(0, 18));
  }
  expect(messages).toEqual([
    'No SKU was set. Se',
    'SKU name is invali',
    'Identity is null o',
    'KeyVaultProperties',
  ]);
  const named = await azure.ask('PUT', clusterAt('-x-'), { body: {} });
  expect(named.body).toMatchObject({ error: { message: expect.stringMatching(/^Cluster name/u) } });
});

test('an id may come in any letter case', async () => {
  azure = await openSimulatedAzure();
  await provide(azure, 'Mixed-Case');
  const place = idOf(azure, clusterAt('mixed-case')).toUpperCase();
  const reply = await azure.ask('GET', place);
  expect(reply.status).toBe(200);
  expect(reply.body).toMatchObject({ name: 'Mixed-Case' });
});

function badRequest(message: string): object {
  return { error: { code: 'BadRequest', message } };
}
