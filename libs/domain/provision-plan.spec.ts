import { describe, expect, it } from 'vitest';

import { planText } from './plan.ts';
import type { Circumstances, IdentitySeen, ProvisionFacts, VaultSeen } from './provision-facts.ts';
import { planProvision } from './provision-plan.ts';
import type { ProvisionRequest } from './provision-request.ts';
import { rulePacks } from './service-rules.ts';

const group = '/subscriptions/s/resourceGroups/g/providers';
const vaultId = `${group}/Microsoft.KeyVault/vaults/kv`;
const clusterId = `${group}/Microsoft.OperationalInsights/clusters/main`;
const workspaceId = `${group}/Microsoft.OperationalInsights/workspaces/one`;
const now = Date.parse('2026-03-01T00:00:00Z');

const request: ProvisionRequest = {
  cluster: { subscriptionId: 's', resourceGroup: 'g', name: 'main' },
  region: 'westeurope',
  capacityGbPerDay: 500,
  billingType: 'Cluster',
  identity: { type: 'SystemAssigned' },
  doubleEncryption: true,
  key: { vaultId, name: 'cmk', mode: 'explicit', source: 'generate', sizeBits: 3072 },
  workspaces: [workspaceId],
  onNameReserved: 'refuse',
  onExisting: 'refuse',
  tags: {},
  planOnly: false,
};

const facts: ProvisionFacts = {
  tenantId: 't',
  deletions: { count: 0 },
  activeClusters: 0,
  missingRights: [],
  workspaces: [{ id: workspaceId, exists: true, region: 'West Europe' }],
};

const vault: VaultSeen = {
  id: vaultId,
  region: 'westeurope',
  tenantId: 'T',
  purgeProtection: true,
  softDelete: true,
  rbac: false,
  shutsOutAzure: false,
  restricted: false,
  ownAccess: true,
};

const circumstances: Circumstances = {
  rules: rulePacks.current,
  now,
  operationId: 'op',
  probes: false,
  begun: {},
};
const plan = (
  change: Partial<ProvisionRequest> = {},
  seen: Partial<ProvisionFacts> = {},
  where: Partial<Circumstances> = {},
) =>
  planProvision({ ...request, ...change }, { ...facts, ...seen }, { ...circumstances, ...where });
const blockers = (made: ReturnType<typeof plan>) =>
  made.findings
    .filter(({ severity }) => severity === 'blocker')
    .map(({ code, rule }) => `${code} ${rule}`);

it('plans vault, key, cluster, grant, bind and link, in this order (R15)', () => {
  expect(plan().steps.map(({ name }) => name)).toEqual([
    'vault',
    'vault-access',
    'key',
    'cluster',
    'grant',
    'bind',
    'link',
  ]);
});

it('has no step to link when there is nothing to link', () => {
  expect(plan({ workspaces: [] }, { workspaces: [] }).steps.at(-1)?.name).toBe('bind');
});

it('ends with probes where the worker can send them, and something is linked', () => {
  expect(plan({}, {}, { probes: true }).steps.at(-1)).toMatchObject({ name: 'probe' });
  const unlinked = plan({ workspaces: [] }, { workspaces: [] }, { probes: true });
  expect(unlinked.steps.at(-1)?.name).toBe('bind');
});

it('keeps what is there already', () => {
  const effects = Object.fromEntries(
    plan({}, { vault }).steps.map(({ name, effect }) => [name, effect]),
  );
  expect(effects).toMatchObject({ vault: 'keep', 'vault-access': 'keep', cluster: 'create' });
});

it('gives one text for looking twice, and another when a step changes', () => {
  expect(planText('provision', request, plan())).toBe(
    planText('provision', request, plan({}, {}, { now: now + 1 })),
  );
  expect(planText('provision', request, plan())).not.toBe(
    planText('provision', request, plan({}, { vault })),
  );
});

it('stays what it was when it is planned again after its own steps', () => {
  const again = plan(
    {},
    {
      vault,
      cluster: { id: clusterId, provisioningState: 'Creating' },
      keyVersions: [keyVersion({ madeBy: 'op' })],
    },
    { begun: { vault: 'create', 'vault-access': 'change', key: 'create', cluster: 'create' } },
  );
  expect(blockers(again)).toEqual([]);
  expect(planText('provision', request, again)).toBe(planText('provision', request, plan()));
});

function keyVersion(change: object = {}) {
  return { kid: 'kid', version: '0'.repeat(32), enabled: true, ...change };
}

const imported = { ...request.key, source: 'import' as const, importFrom: 'key.pem' };
const day = 86_400_000;
/** A workspace that was linked as many days ago, newest first. */
const linkedAt = (...days: number[]) => ({
  id: workspaceId,
  exists: true,
  region: 'westeurope',
  linkedAt: days.map((ago) => new Date(now - ago * day).toISOString()),
});
const use = { ...request.key, source: 'use' as const };
const deletedAt = new Date(now - 86_400_000).toISOString();
const deletions = { ofThisName: deletedAt, count: 1 };
const identity: IdentitySeen = {
  id: '/identity',
  exists: true,
  tenantId: 'T',
  principalId: 'p',
  granted: false,
  excess: [],
};

it.each<[string, Partial<ProvisionRequest>, Partial<ProvisionFacts>]>([
  ['cluster_exists R43', {}, { cluster: { id: clusterId, provisioningState: 'Succeeded' } }],
  ['name_reserved R43', {}, { deletions }],
  ['quota_reached R42', {}, { activeClusters: 5 }],
  ['region_mismatch R11', {}, { vault: { ...vault, region: 'northeurope' } }],
  ['tenant_mismatch R12', {}, { vault: { ...vault, tenantId: 'other' } }],
  ['identity_missing R33', {}, { identity: { ...identity, exists: false } }],
  ['tenant_mismatch R12', {}, { identity: { ...identity, tenantId: 'other' } }],
  [
    'vault_unusable R65',
    { identity: { type: 'UserAssigned', id: identity.id } },
    { identity, vault: { ...vault, restricted: true } },
  ],
  ['import_unusable R29', { key: imported }, { importFile: { fault: 'the key has 1024 bits' } }],
  ['missing_permission R52', {}, { missingRights: [{ action: 'a', scope: 's', group: 'g' }] }],
  ['link_budget_spent R71', {}, { workspaces: [linkedAt(1, 29)] }],
  ['vault_unusable R31', {}, { vault: { ...vault, shutsOutAzure: true } }],
  ['vault_deleted R28', {}, { deletedVault: { purgeAt: '2026-05-01T00:00:00Z' } }],
  ['key_missing R59', { key: use }, {}],
  ['key_missing R59', { key: use }, { vault, keyVersions: [] }],
  [
    'key_missing R59',
    { key: { ...use, version: 'f'.repeat(32) } },
    { vault, keyVersions: [keyVersion()] },
  ],
  ['key_unusable R59', { key: use }, { vault, keyVersions: [keyVersion({ enabled: false })] }],
  [
    'key_unusable R60',
    { key: use },
    { vault, keyVersions: [keyVersion({ expiresAt: deletedAt })] },
  ],
  ['key_exists R25', {}, { vault, keyVersions: [keyVersion()] }],
  ['workspace_missing R74', {}, { workspaces: [{ id: workspaceId, exists: false }] }],
  [
    'region_mismatch R77',
    {},
    { workspaces: [{ id: workspaceId, exists: true, region: 'eastus' }] },
  ],
  [
    'linked_elsewhere R72',
    {},
    {
      workspaces: [
        { id: workspaceId, exists: true, region: 'westeurope', linkedTo: `${clusterId}2` },
      ],
    },
  ],
])('blocks with %s', (code, change, seen) => {
  expect(blockers(plan(change, seen))).toEqual([code]);
});

it('names a remedy for every blocker', () => {
  const made = plan({}, { activeClusters: 5, workspaces: [{ id: workspaceId, exists: false }] });
  expect(made.findings.every(({ remedy }) => remedy.length > 0)).toBe(true);
});

it('waits for a held name when it is asked to', () => {
  const made = plan({ onNameReserved: 'wait' }, { deletions });
  expect(blockers(made)).toEqual([]);
  expect(made.findings.find(({ code }) => code === 'name_release')?.reason).toContain('2026-03-14');
});

it('takes a name as free once its reservation is over', () => {
  expect(
    blockers(plan({}, { deletions: { ofThisName: '2026-02-01T00:00:00Z', count: 1 } })),
  ).toEqual([]);
});

it('refuses an unknown tier by the rules of 2021 and warns by the current ones', () => {
  const odd = { capacityGbPerDay: 700 };
  expect(blockers(plan(odd, {}, { rules: rulePacks['2021'] }))).toEqual(['unknown_tier R6']);
  expect(plan(odd).findings.find(({ code }) => code === 'unknown_tier')?.severity).toBe('warning');
});

it('says that double encryption is left out for good', () => {
  const codes = plan({ doubleEncryption: false }).findings.map(({ code }) => code);
  expect(codes).toContain('double_encryption_off');
});

const warnings = (made: ReturnType<typeof plan>) =>
  made.findings.filter(({ severity }) => severity === 'warning').map(({ code }) => code);

describe('a vault that is there and not recoverable', () => {
  it.each([{ purgeProtection: false }, { softDelete: false }])(
    'is made so, which is a loss for a second person to approve: %o',
    (change) => {
      const made = plan({}, { vault: { ...vault, ...change } });
      expect(blockers(made)).toEqual([]);
      expect(warnings(made)).toEqual(['purge_protection']);
      expect(made.steps[0]).toMatchObject({ name: 'vault', effect: 'change' });
      expect(made.losses.map(({ id }) => id)).toEqual([
        `purge-protection ${vaultId.toLowerCase()}`,
      ]);
    },
  );

  it('stays the same plan once it was made so', () => {
    const before = plan({}, { vault: { ...vault, purgeProtection: false } });
    const after = plan({}, { vault }, { begun: { vault: 'change' } });
    expect(planText('provision', request, after)).toBe(planText('provision', request, before));
  });
});

it('keeps the grant that a user-assigned identity has', () => {
  const made = plan({}, { vault, identity: { ...identity, granted: true } });
  expect(made.steps.find(({ name }) => name === 'grant')?.effect).toBe('keep');
});

it('warns when the identity may do more than a cluster needs', () => {
  const made = plan({}, { vault, identity: { ...identity, excess: ['delete'] } });
  expect(warnings(made)).toEqual(['excess_rights']);
});

it('warns when deleted clusters may hold the slots that are left', () => {
  expect(warnings(plan({}, { activeClusters: 4, deletions: { count: 3 } }))).toEqual([
    'slots_reserved',
  ]);
});

it('says that the release of a name is unknown when the log cannot be read', () => {
  const { deletions: _, ...unlogged } = facts;
  const made = planProvision(request, unlogged, circumstances);
  expect(warnings(made)).toEqual(['release_unknown']);
});

it('counts no link that is older than the budget, and none of its own', () => {
  expect(blockers(plan({}, { workspaces: [linkedAt(1, 31)] }))).toEqual([]);
  const again = plan({}, { workspaces: [linkedAt(0, 29)] }, { begun: { link: 'change' } });
  expect(blockers(again)).toEqual([]);
});

it('does not look for an import file that has done its service', () => {
  const gone = { importFile: { fault: 'the file cannot be read: ENOENT' }, vault };
  expect(blockers(plan({ key: imported }, gone, { begun: { key: 'create' } }))).toEqual([]);
});
