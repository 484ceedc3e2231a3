import { describe, expect, it } from 'vitest';

import type { ProvisionRequest } from '#libs/domain/provision-request.ts';
import { ownKeyPermissions, rulePacks } from '#libs/domain/service-rules.ts';

import {
  answer,
  type AzureParts,
  goodVault,
  runAttempt,
  seen,
  standInAzure,
  vaultId,
} from './azure-stand-in.ts';
import { openImportFolder } from './import-folder.ts';
import { planningActivities } from './planning.ts';

const now = Date.parse('2026-03-01T00:00:00Z');
const clusterId =
  '/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/clusters/main';
const workspaceId =
  '/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/one';

const request: ProvisionRequest = {
  cluster: { subscriptionId: 's', resourceGroup: 'g', name: 'main' },
  region: 'westeurope',
  capacityGbPerDay: 500,
  billingType: 'Cluster',
  identity: { type: 'SystemAssigned' },
  doubleEncryption: true,
  key: { vaultId, name: 'cmk', mode: 'explicit', source: 'generate', sizeBits: 3072 },
  workspaces: [workspaceId],
  onNameReserved: 'wait',
  onExisting: 'refuse',
  tags: {},
  planOnly: false,
};
const workspace = {
  id: workspaceId,
  region: 'westeurope',
  provisioningState: 'Succeeded',
  sku: 'PerGB2018',
};

const everything = { actions: ['*'], notActions: [], dataActions: ['*'], notDataActions: [] };

/** An estate without cluster and vault. It can only be read: whatever writes is not there and fails. */
const estate = {
  clusters: { list: async () => await seen([]) },
  vaults: {
    read: async () => await seen(undefined),
    readDeleted: async () => await seen(undefined),
  },
  workspaces: { read: async () => await seen(workspace) },
  activityLog: { writes: async () => await seen([]) },
  roles: { ownPermissions: async () => await seen([everything]) },
} satisfies AzureParts;

const plan = async (
  change: Partial<ProvisionRequest> = {},
  parts: AzureParts = {},
  info: Parameters<typeof runAttempt>[1] = {},
) => {
  const deeds = planningActivities({
    azure: standInAzure({ ...estate, ...parts }),
    rules: rulePacks.current,
    importFolder: openImportFolder(undefined),
    probes: false,
  });
  const order = { request: { ...request, ...change }, operationId: 'op', now, begun: {} };
  return await runAttempt(async () => await deeds.planProvision(order), info);
};
const codes = ({ plan: { findings } }: Awaited<ReturnType<typeof plan>>) =>
  findings.filter(({ severity }) => severity === 'blocker').map(({ code }) => code);

describe('the hash', () => {
  it('is the same for a plan asked for, accepted and carried out', async () => {
    const { plan: asked } = await plan({ planOnly: true });
    const { plan: accepted } = await plan({ acceptPlan: asked.hash });
    const { plan: carriedOut } = await plan();
    expect(asked.hash).toMatch(/^[0-9a-f]{64}$/u);
    expect([accepted.hash, carriedOut.hash]).toEqual([asked.hash, asked.hash]);
  });

  it('is another for another request', async () => {
    const [one, other] = [await plan(), await plan({ capacityGbPerDay: 1000 })];
    expect(other.plan.hash).not.toBe(one.plan.hash);
  });

  it('is another when other steps are needed', async () => {
    const vaults = { read: async () => await seen(goodVault) };
    const [one, other] = [await plan(), await plan({}, { vaults })];
    expect(other.plan.hash).not.toBe(one.plan.hash);
  });
});

it('plans from reads alone', async () => {
  const { plan: made } = await plan();
  expect(made.steps.map(({ name, effect }) => `${name} ${effect}`)).toContain('cluster create');
  expect(made.rulePack).toBe('current');
});

describe('a held name', () => {
  const deleted = (at: string, resourceId = clusterId) =>
    ({ what: 'cluster-deleted', resourceId, at }) as const;
  const deletions = [
    deleted('2026-02-25T00:00:00.000Z', `${clusterId}-other`),
    deleted('2026-02-20T00:00:00.000Z', clusterId.toUpperCase()),
    deleted('2026-02-01T00:00:00.000Z'),
  ];
  const activityLog = { writes: async () => await seen(deletions) };

  it('is free fourteen days after its newest deletion', async () => {
    await expect(plan({}, { activityLog })).resolves.toMatchObject({
      nameReleaseAt: '2026-03-06T00:00:00.000Z',
    });
  });

  it.each([
    [403, 1],
    [503, 4],
  ])('is unknown when the log answers %i at attempt %i', async (status, attempt) => {
    const silent = {
      writes: async () => {
        throw answer(status);
      },
    };
    const { plan: made } = await plan({}, { activityLog: silent }, { attempt });
    expect(made.findings.map(({ code }) => code)).toContain('release_unknown');
  });

  it('is asked for again while the log does not answer', async () => {
    const silent = {
      writes: async () => {
        throw answer(503);
      },
    };
    await expect(plan({}, { activityLog: silent })).rejects.toMatchObject({ type: 'Transient' });
  });

  it('is not waited for when nobody deleted a cluster of that name', async () => {
    expect(await plan()).not.toHaveProperty('nameReleaseAt');
  });
});

describe('a key in a vault that is there', () => {
  const letting = {
    ...goodVault,
    accessPolicies: [{ objectId: 'keyturn-principal', keyPermissions: [...ownKeyPermissions] }],
  };
  const vaults = { read: async () => await seen(letting) };
  const foreign = {
    kid: 'kid',
    version: 'a1',
    enabled: true,
    createdAt: '2026-01-01T00:00:00Z',
    tags: {},
    recoverable: true,
  };

  it('is looked at when the vault lets us in', async () => {
    const keys = { versions: async () => await seen([foreign]) };
    expect(codes(await plan({}, { vaults, keys }))).toEqual(['key_exists']);
  });

  it('is left to the key step when the vault does not let us in yet', async () => {
    const keys = {
      versions: async () => {
        throw answer(403, 'Caller is not allowed');
      },
    };
    expect(codes(await plan({}, { vaults, keys }))).toEqual([]);
  });

  it('is planned again when the vault does not answer', async () => {
    const keys = {
      versions: async () => {
        throw answer(503);
      },
    };
    await expect(plan({}, { vaults, keys })).rejects.toMatchObject({ type: 'Transient' });
  });
});

it('finds a deleted vault that holds the name', async () => {
  const deleted = {
    id: vaultId,
    region: 'westeurope',
    deletionDate: '2026-02-01T00:00:00Z',
    scheduledPurgeDate: '2026-05-01T00:00:00Z',
    purgeProtection: true,
  };
  const vaults = { ...estate.vaults, readDeleted: async () => await seen(deleted) };
  expect(codes(await plan({}, { vaults }))).toEqual(['vault_deleted']);
});

it.each([
  ['eastus', []],
  ['West Europe', ['quota_reached']],
])('counts only the clusters of the region: a fifth one in %s', async (fifth, blockers) => {
  const regions = ['westeurope', 'westeurope', 'westeurope', 'westeurope', fifth];
  const shown = regions.map((region) => ({
    id: region,
    region,
    provisioningState: 'Succeeded',
    identityType: 'SystemAssigned',
    workspaces: [],
  }));
  const clusters = { ...estate.clusters, list: async () => await seen(shown) };
  expect(codes(await plan({}, { clusters }))).toEqual(blockers);
});

it.each<[string, Partial<ProvisionRequest>]>([
  ['vault', { key: { ...request.key, vaultId: '/kv' } }],
  ['workspace', { workspaces: ['/one'] }],
])('refuses an id that is not one of a %s', async (_, change) => {
  await expect(plan(change)).rejects.toMatchObject({ type: 'NotAsExpected', nonRetryable: true });
});

describe('rights', () => {
  const reader = { ...everything, actions: ['*/read'] };

  it('that are missing are named one by one, with where', async () => {
    const roles = { ownPermissions: async () => await seen([reader]) };
    const { plan: made } = await plan({}, { roles });
    const missing = made.findings.filter(({ code }) => code === 'missing_permission');
    expect(missing.map(({ reason }) => reason.split(' ').at(-1))).toEqual([
      'Microsoft.OperationalInsights/clusters/write',
      'Microsoft.KeyVault/vaults/write',
      'Microsoft.KeyVault/vaults/accessPolicies/write',
      'Microsoft.OperationalInsights/workspaces/write',
      'Microsoft.OperationalInsights/workspaces/linkedServices/write',
    ]);
    expect(missing.at(-1)?.target).toBe(workspaceId);
  });

  it('that only the resource gives count too', async () => {
    const roles = {
      ownPermissions: async (scope: string) =>
        await seen(scope.includes('/providers/') ? [everything] : [reader]),
    };
    expect(codes(await plan({}, { roles }))).toEqual([]);
  });

  it('are asked for once for a group', async () => {
    const asked: string[] = [];
    const ownPermissions = async (scope: string) => {
      asked.push(scope);
      return await seen([everything]);
    };
    await plan({}, { roles: { ownPermissions } });
    expect(asked).toEqual(['/subscriptions/s/resourcegroups/g']);
  });
});

describe('a user-assigned identity', () => {
  const id =
    '/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/uai';
  const wanted = { identity: { type: 'UserAssigned', id } } as const;
  const found = { id, region: 'westeurope', principalId: 'p', tenantId: 'tenant' };

  it('is looked up before anything is made', async () => {
    const identities = { read: async () => await seen(undefined) };
    expect(codes(await plan(wanted, { identities }))).toEqual(['identity_missing']);
  });

  it('keeps its grant, and what it holds beyond is shown', async () => {
    const identities = { read: async () => await seen(found) };
    const policy = { objectId: 'P', keyPermissions: ['Get', 'WrapKey', 'UnwrapKey', 'Delete'] };
    const vaults = { read: async () => await seen({ ...goodVault, accessPolicies: [policy] }) };
    const { plan: made } = await plan(wanted, { identities, vaults });
    expect(made.steps.find(({ name }) => name === 'grant')?.effect).toBe('keep');
    expect(made.findings.find(({ code }) => code === 'excess_rights')?.reason).toContain('delete');
  });
});
