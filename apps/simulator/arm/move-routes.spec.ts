import { afterEach, beforeEach, expect, test } from 'vitest';
import { clusterAt, idOf, provide } from '../providers/operational-insights/spec-stories.ts';
import { openSimulatedAzure } from '../simulated-azure.ts';
import type { Reply, SimulatedAzure } from '../simulated-azure.ts';

let azure: SimulatedAzure;
let group: string;

beforeEach(async () => {
  azure = await openSimulatedAzure();
  group = `/subscriptions/${azure.subscriptionId}/resourceGroups`;
  await azure.ask('PUT', `${group}/rg-other`, { body: { location: 'westeurope' } });
});

afterEach(async () => {
  await azure.close();
});

async function move(verb: string, body: object, as = 'owner'): Promise<Reply> {
  return await azure.ask('POST', `${group}/rg-logs/${verb}`, {
    apiVersion: '2021-04-01',
    as,
    body,
  });
}

const verbs = ['moveResources', 'validateMoveResources'];

test('a cluster moves to no other group, and asking beforehand says so', async () => {
  await provide(azure, 'clu-stays');
  const body = {
    resources: [idOf(azure, clusterAt('clu-stays'))],
    targetResourceGroup: `${group}/rg-other`,
  };
  for (const verb of verbs) {
    expect(await move(verb, body)).toMatchObject({
      status: 409,
      unimplemented: false,
      body: {
        error: {
          code: 'ResourceMoveValidationFailed',
          message:
            "Resource move is not supported for resource types 'Microsoft.OperationalInsights/clusters'.",
        },
      },
    });
  }
  expect((await azure.ask('GET', clusterAt('clu-stays'))).status).toBe(200);
});

test('what is no resource of the group, and a group that is not there, are told apart', async () => {
  const targetResourceGroup = `${group}/rg-other`;
  const stranger = { resources: ['/subscriptions/x'], targetResourceGroup };
  const nowhere = {
    resources: [idOf(azure, clusterAt('clu'))],
    targetResourceGroup: `${group}/none`,
  };
  expect(await move('moveResources', stranger)).toMatchObject({ status: 400 });
  expect(await move('moveResources', { targetResourceGroup })).toMatchObject({ status: 400 });
  expect(await move('moveResources', nowhere)).toMatchObject({ status: 404 });
  expect(await move('moveResources', stranger, 'reader')).toMatchObject({ status: 403 });
});
