import { expect, it } from 'vitest';

import { answer, runAttempt, seen, standInAzure } from './azure-stand-in.ts';
import { refusalActivities } from './refusals.ts';

const group = '/subscriptions/s/resourceGroups/g/providers';
const since = Date.parse('2026-03-01T00:00:00Z');
const access = {
  vaultId: `${group}/Microsoft.KeyVault/vaults/kv`,
  keyName: 'cmk',
  principalId: 'p-1',
};
const row = (status: number, minutes: number) => ({
  Id: `https://kv.vault.azure.net/keys/cmk/${'a'.repeat(32)}`,
  HttpStatusCode: status,
  Count: 9,
  Last: new Date(since + minutes * 60_000),
});

async function shown(rows: object[] | Error, audit = true) {
  const azure = standInAzure({
    workspaces: { read: async () => await seen({ customerId: 'guid' } as never) },
    logs: {
      query: async () => {
        if (rows instanceof Error) throw rows;
        return await seen({ rows: rows as Record<string, unknown>[] });
      },
    },
  });
  const workspaceId = `${group}/Microsoft.OperationalInsights/workspaces/ws`;
  const deeds = refusalActivities(azure, audit ? { workspaceId } : undefined);
  return await runAttempt(async () => await deeds.readRefusals({ access, since }));
}

it('proves that the key is refused when nothing was granted for minutes', async () => {
  const evidence = await shown([row(200, 2), row(403, 58)]);
  expect(evidence).toMatchObject({ grade: 'proven', requestId: 'request-1' });
  expect(evidence?.claim).toContain('9 refused unwraps of p-1 until 2026-03-01T00:58');
  expect(evidence?.claim).toContain('none granted since 2026-03-01T00:02');
});

it.each([
  ['it shows no refusal', [row(200, 2)]],
  ['an unwrap was granted lately', [row(200, 57), row(403, 58)]],
  ['the refusals are too young', [row(403, 1)]],
  ['it cannot be read', answer(403)],
])('proves nothing where %s', async (_, rows) => {
  expect(await shown(rows)).toBeUndefined();
});

it('asks nobody where no audit is configured', async () => {
  expect(await shown(answer(500), false)).toBeUndefined();
});
