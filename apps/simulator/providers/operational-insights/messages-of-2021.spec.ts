import { afterEach, describe, expect, test } from 'vitest';
import { openSimulatedAzure } from '../../simulated-azure.ts';
import type { Question, SimulatedAzure } from '../../simulated-azure.ts';
import { clusterAt, clusterBody, keyBody, linkAt, provide } from './spec-stories.ts';

let azure: SimulatedAzure;

afterEach(async () => {
  await azure.close();
});

interface Case {
  readonly rule: string;
  readonly method: 'PUT' | 'PATCH' | 'GET' | 'DELETE';
  readonly place: string;
  readonly question?: Question;
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** Every case is asked of a world of 2021 with one finished cluster, `done`. */
const cases: readonly Case[] = [
  {
    rule: 'R100',
    method: 'PUT',
    place: clusterAt('-bad-'),
    question: { body: clusterBody },
    status: 400,
    code: 'InvalidParameter',
    message:
      'Cluster name is not valid. Cluster name can contain characters a-z, A-Z, 0-9 and length of 3-63.',
  },
  {
    rule: 'R101 (empty)',
    method: 'PUT',
    place: clusterAt('fresh'),
    status: 400,
    code: 'BadRequest',
    message: 'The body of the request is null or in bad format.',
  },
  {
    rule: 'R101 (malformed)',
    method: 'PATCH',
    place: clusterAt('done'),
    question: { rawBody: '{"properties": {' },
    status: 400,
    code: 'BadRequest',
    message: 'The body of the request is null or in bad format.',
  },
  {
    rule: 'R102',
    method: 'PUT',
    place: clusterAt('fresh'),
    question: { body: { ...clusterBody, sku: { name: 'gold', capacity: 1000 } } },
    status: 400,
    code: 'InvalidParameter',
    message: 'SKU name is invalid. Set SKU name to capacityReservation.',
  },
  {
    rule: 'R103',
    method: 'PUT',
    place: clusterAt('fresh'),
    question: { body: { ...clusterBody, sku: { name: 'PerGB2018', capacity: 1000 } } },
    status: 400,
    code: 'InvalidParameter',
    message:
      'Capacity was provided but SKU is not capacityReservation. Set SKU name to capacityReservation.',
  },
  {
    rule: 'R104',
    method: 'PUT',
    place: clusterAt('fresh'),
    question: { body: { ...clusterBody, sku: { name: 'capacityReservation' } } },
    status: 400,
    code: 'InvalidParameter',
    message: 'Missing Capacity in SKU. Set Capacity value to 500, 1000, 2000 or 5000 GB/day.',
  },
  {
    rule: 'R105',
    method: 'PATCH',
    place: clusterAt('done'),
    question: { body: { sku: { name: 'capacityReservation', capacity: 500 } } },
    status: 400,
    code: 'BadRequest',
    message:
      'Capacity is locked for 30 days. Decreasing capacity is permitted 30 days after update.',
  },
  {
    rule: 'R106',
    method: 'PUT',
    place: clusterAt('fresh'),
    question: { body: { location: 'westeurope', identity: { type: 'SystemAssigned' } } },
    status: 400,
    code: 'InvalidParameter',
    message:
      'No SKU was set. Set the SKU name to capacityReservation and Capacity value to 500, 1000, 2000 or 5000 GB/day.',
  },
  {
    rule: 'R107',
    method: 'PUT',
    place: clusterAt('fresh'),
    question: { body: { location: 'westeurope', sku: clusterBody.sku } },
    status: 400,
    code: 'InvalidParameter',
    message: 'Identity is null or empty. Set Identity with systemAssigned type.',
  },
  {
    rule: 'R108',
    method: 'PUT',
    place: clusterAt('fresh'),
    question: {
      body: {
        ...clusterBody,
        properties: {
          keyVaultProperties: {
            keyVaultUri: 'https://kv-spec.vault.azure.net',
            keyName: 'kek',
            keyVersion: '',
          },
        },
      },
    },
    status: 400,
    code: 'BadRequest',
    message:
      'KeyVaultProperties are set on creation. Update KeyVaultProperties after cluster creation.',
  },
  {
    rule: 'R111 (the misspelt kyName)',
    method: 'PATCH',
    place: clusterAt('done'),
    question: {
      body: {
        properties: {
          keyVaultProperties: {
            keyVaultUri: 'https://kv-spec.vault.azure.net',
            kyName: 'kek',
            keyVersion: '',
          },
        },
      },
    },
    status: 400,
    code: 'InvalidParameter',
    message: 'KeyVaultProperties is not empty but has a bad format. See key identifier update.',
  },
  {
    rule: 'R112',
    method: 'PATCH',
    place: clusterAt('done'),
    question: keyBody('kv-nowhere', ''),
    status: 400,
    code: 'BadRequest',
    message:
      'Failed to validate key in Key Vault. Could be due to lack of permissions or when key doesn’t exist. Verify that you set key and access policy in Key Vault.',
  },
  {
    rule: 'R116',
    method: 'GET',
    place: clusterAt('absent'),
    status: 404,
    code: 'ResourceNotFound',
    message:
      'Cluster not found, the cluster may have been deleted. If you try to create a cluster with that name and get conflict, the cluster is in soft-delete for 14 days. You can contact support to recover it, or use another name to create a new cluster.',
  },
  {
    rule: 'R118',
    method: 'PUT',
    place: linkAt('ws-nowhere'),
    question: { body: { properties: { writeAccessResourceId: '/x' } } },
    status: 404,
    code: 'ResourceNotFound',
    message: 'Workspace not found. The workspace you specified doesn’t exist or was deleted.',
  },
  {
    rule: 'R120',
    method: 'PUT',
    place: linkAt('ws-payments'),
    question: { body: { properties: { writeAccessResourceId: '/subscriptions/x/clusters/y' } } },
    status: 400,
    code: 'BadRequest',
    message:
      'Cluster not found, the cluster you specified doesn’t exist or was deleted. If you try to create a cluster with that name and get conflict, the cluster is in soft-delete for 14 days. You can contact support to recover it.',
  },
  {
    rule: 'R121',
    method: 'DELETE',
    place: linkAt('ws-nowhere'),
    status: 404,
    code: 'ResourceNotFound',
    message: 'Workspace not found. The workspace you specified doesn’t exist or was deleted.',
  },
  {
    rule: 'R123',
    method: 'PUT',
    place: clusterAt('fresh'),
    question: { body: { ...clusterBody, location: 'Brazil Southeast' } },
    status: 400,
    code: 'BadRequest',
    message: 'brazilsoutheast doesn’t support Double Encryption for clusters.',
  },
];

describe('in a world of 2021 with a finished cluster', () => {
  for (const { rule, method, place, question, status, code, message } of cases) {
    test(`${rule}: ${method} is refused in the words of the article`, async () => {
      azure = await openSimulatedAzure({ rules: '2021' });
      await provide(azure, 'done');
      const reply = await azure.ask(method, place, { apiVersion: '2021-06-01', ...question });
      expect(reply.status).toBe(status);
      expect(reply.body).toEqual({ error: { code, message } });
      expect(reply.effects).toEqual([]);
    });
  }
});
