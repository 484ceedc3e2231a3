import { expect, it, vi } from 'vitest';

import type { Azure, ClusterFacts } from '#libs/azure/azure.ts';

import { answer, runAttempt, seen, standInAzure } from './azure-stand-in.ts';
import { callAzure } from './azure-call.ts';
import { readLatelyUsed } from './lately-used.ts';

const now = Date.parse('2026-03-10T00:00:00Z');
const workspaceId =
  '/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/audit';
const kid = `https://kv.vault.azure.net/keys/cmk/${'1'.repeat(32)}`;
const row = (status: number) => ({
  Id: kid,
  HttpStatusCode: status,
  Count: 3,
  Last: '2026-03-09T23:00:00Z',
});
const cluster = (id: string, principalId?: string): ClusterFacts => ({
  id,
  region: 'westeurope',
  provisioningState: 'Succeeded',
  identityType: 'SystemAssigned',
  ...(principalId === undefined ? {} : { principalId }),
  workspaces: [],
});

async function read(query: Azure['logs']['query'], ...clusters: ClusterFacts[]) {
  const azure = standInAzure({
    workspaces: {
      read: async () =>
        await seen({ customerId: 'c' } as Awaited<
          ReturnType<Azure['workspaces']['read']>
        >['value']),
    },
    logs: { query },
  });
  const audit = { workspaceId };
  const vaultUri = 'https://kv.vault.azure.net';
  const question = { audit, vaultUri, keyName: 'cmk', clusters, since: now - 86_400_000, now };
  return await runAttempt(
    async () => await callAzure(async (call) => await readLatelyUsed(azure, question, call)),
  );
}

it('tells when each cluster last unwrapped with which version, refusals aside', async () => {
  const query = vi.fn<Azure['logs']['query']>(
    async () => await seen({ rows: [row(200), row(403)] }),
  );
  await expect(read(query, cluster('/one', 'p1'), cluster('/none'))).resolves.toEqual([
    { clusterId: '/one', version: '1'.repeat(32), lastAt: '2026-03-09T23:00:00.000Z' },
  ]);
  expect(query).toHaveBeenCalledOnce();
});

it('tells nothing where the audit cannot be read', async () => {
  const query = vi.fn<Azure['logs']['query']>(async () => {
    throw answer(403);
  });
  await expect(read(query, cluster('/one', 'p1'))).resolves.toEqual([]);
});
