/** Where the sources of Azure's behaviour contradict each other: which of them is followed. */
import { afterEach, describe, expect, test } from 'vitest';
import { openSimulatedAzure } from '../../simulated-azure.ts';
import type { Reply, SimulatedAzure } from '../../simulated-azure.ts';
import type { RulesName } from '../../settings.ts';
import { clusterAt, clusterBody, keyBody, provide, provideKey } from './spec-stories.ts';

let azure: SimulatedAzure;

afterEach(async () => {
  await azure.close();
});

const packs = ['current', '2021'] as const;

describe.each(packs)('by the rules of %s', (rules) => {
  test('a name has three to sixty-three letters, digits and inner hyphens (C1)', async () => {
    azure = await openSimulatedAzure({ rules });
    const statuses: number[] = [];
    for (const name of ['a-1', 'a'.repeat(63), 'ab', 'a'.repeat(64), '-ab', 'ab-', 'a_b']) {
      statuses.push((await azure.ask('PUT', clusterAt(name), { body: clusterBody })).status);
    }
    expect(statuses).toEqual([202, 202, 400, 400, 400, 400, 400]);
  });

  test('a cluster is shown with 200, whatever the heading of the sample says (C3)', async () => {
    azure = await openSimulatedAzure({ rules });
    await provide(azure, 'clu-shown');
    expect((await azure.ask('GET', clusterAt('clu-shown'))).status).toBe(200);
  });
});

async function patchBoth(rules: RulesName): Promise<Reply> {
  azure = await openSimulatedAzure({ rules });
  const { identity } = await provide(azure, 'clu-both');
  const { principalId } = identity;
  const purgeProtection = rules === 'current';
  await provideKey(azure, { vault: 'kv-both', principalId, purgeProtection });
  const { body } = keyBody('kv-both', '') as { body: object };
  return await azure.ask('PATCH', clusterAt('clu-both'), {
    body: { ...body, identity: { type: 'SystemAssigned' } },
  });
}

test('key and identity in one PATCH are refused in 2021, today only when it is another one (C2)', async () => {
  const of2021 = await patchBoth('2021');
  await azure.close();
  expect(of2021).toMatchObject({
    status: 400,
    body: { error: { message: expect.stringMatching(/identity/iu) } },
  });
  expect((await patchBoth('current')).status).toBe(202);
});

test('the day of the tier is told under the sku too in the versions of 2021 (C5)', async () => {
  azure = await openSimulatedAzure();
  await provide(azure, 'clu-tier');
  const under = 'properties.capacityReservationProperties.lastSkuUpdate';
  const old = await azure.ask('GET', clusterAt('clu-tier'), { apiVersion: '2021-06-01' });
  const today = await azure.ask('GET', clusterAt('clu-tier'));
  expect(old.body).toHaveProperty('sku.lastSkuUpdate');
  expect(old.body).toHaveProperty(under);
  expect(today.body).not.toHaveProperty('sku.lastSkuUpdate');
  expect(today.body).toHaveProperty(under);
});
