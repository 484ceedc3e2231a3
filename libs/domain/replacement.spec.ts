import { describe, expect, it } from 'vitest';

import type { ReplacementRequest } from './operation-request.ts';
import { planText } from './plan.ts';
import { planReplacement, type ReplacementFacts } from './replacement.ts';
import { dayMs, rulePacks } from './service-rules.ts';
import { soundAccess } from './sound-access.ts';

const now = Date.parse('2026-03-01T00:00:00Z');
const vaultId = '/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/kv-new';
const request: ReplacementRequest = {
  cluster: { subscriptionId: 's', resourceGroup: 'g', name: 'main' },
  key: { vaultId, name: 'cmk', mode: 'explicit', source: 'generate', sizeBits: 3072 },
  reason: 'the key is out',
  soakMs: dayMs,
  keepMs: dayMs,
  planOnly: false,
};
const cluster = {
  id: '/cluster',
  region: 'westeurope',
  identityType: 'SystemAssigned',
  principalId: 'p',
  key: { vaultUri: 'https://kv.vault.azure.net', name: 'cmk', vaultId: '/vault' },
};
const { principalId: _identity, ...withoutIdentity } = cluster;
const { key: _key, ...withoutKey } = cluster;
const facts: ReplacementFacts = {
  tenantId: 't',
  cluster,
  isGranted: false,
  missingRights: [],
};
const { vault: sound } = soundAccess;
const vault = { ...sound, id: vaultId } as NonNullable<typeof sound>;
const use = { ...request.key, source: 'use' } as const;
const version = (change: object = {}) => ({
  kid: 'https://kv-new.vault.azure.net/keys/cmk/1',
  version: '1'.repeat(32),
  enabled: true,
  ...change,
});
const given = {
  rules: rulePacks.current,
  now,
  operationId: 'op',
  begun: {},
  vault: { subscriptionId: 's', resourceGroup: 'g', name: 'kv-new' },
};

const plan = (
  change: Partial<ReplacementRequest> = {},
  seen: Partial<ReplacementFacts> = {},
  where: Partial<typeof given> = {},
) => planReplacement({ ...request, ...change }, { ...facts, ...seen }, { ...given, ...where });
const blockers = ({ plan: { findings } }: ReturnType<typeof plan>) =>
  findings.flatMap(({ code, rule, severity }) => (severity === 'blocker' ? `${code} ${rule}` : []));
const effects = ({ plan: { steps } }: ReturnType<typeof plan>) =>
  steps.map(({ name, effect }) => `${name} ${effect}`);

it('makes vault and key, grants, binds, soaks and proves, in this order', () => {
  const made = plan();
  expect(effects(made)).toEqual([
    'vault create',
    'vault-access change',
    'key create',
    'grant change',
    'bind change',
    'soak keep',
    'proof keep',
  ]);
  expect(made.plan.losses).toEqual([]);
  expect(made.replacement).toEqual({
    region: 'westeurope',
    principalId: 'p',
    left: { vaultId: '/vault', name: 'cmk' },
  });
});

it('says that it is no lockout', () => {
  expect(plan().plan.findings).toMatchObject([{ code: 'no_lockout', severity: 'info' }]);
});

it('keeps what is there already', () => {
  const made = plan({ key: use }, { vault, keyVersions: [version()], isGranted: true });
  expect(blockers(made)).toEqual([]);
  expect(effects(made).slice(0, 4)).toEqual([
    'vault keep',
    'vault-access keep',
    'key keep',
    'grant keep',
  ]);
});

it('retires nothing where the old vault cannot be found, and says so', () => {
  const key = { vaultUri: 'https://elsewhere.vault.azure.net', name: 'cmk' };
  const made = plan({}, { cluster: { ...cluster, key } });
  expect(made.replacement).not.toHaveProperty('left');
  expect(made.plan.findings.map(({ code }) => code)).toContain('old_key_unseen');
});

it('stays the same plan after the other key was made and bound', () => {
  const begun = {
    vault: 'create',
    'vault-access': 'change',
    key: 'create',
    grant: 'change',
    bind: 'change',
  } as const;
  const key = { vaultUri: 'https://KV-new.vault.azure.net/', name: 'CMK', vaultId };
  const after = plan(
    {},
    {
      cluster: { ...cluster, key },
      vault,
      keyVersions: [version({ madeBy: 'op' })],
      isGranted: true,
    },
    { begun },
  );
  expect(blockers(after)).toEqual([]);
  expect(planText('replace-key', request, after.plan)).toBe(
    planText('replace-key', request, plan().plan),
  );
});

describe('what blocks it, before anything changes', () => {
  it.each<[string, Partial<ReplacementRequest>, Partial<ReplacementFacts>]>([
    [
      'key_unusable R53',
      {},
      {
        cluster: {
          ...cluster,
          key: { ...cluster.key, vaultUri: 'https://kv-new.vault.azure.net:443/' },
        },
      },
    ],
    ['region_mismatch R11', {}, { vault: { ...vault, region: 'eastus' } }],
    ['tenant_mismatch R12', {}, { vault: { ...vault, tenantId: 'other' } }],
    ['key_not_recoverable R113', {}, { vault: { ...vault, purgeProtection: false } }],
    ['vault_unusable R31', {}, { vault: { ...vault, shutsOutAzure: true } }],
    [
      'vault_unusable R65',
      {},
      {
        vault: { ...vault, restricted: true },
        cluster: { ...cluster, identityType: 'UserAssigned' },
      },
    ],
    ['vault_deleted R28', {}, { deletedVault: { purgeAt: '2026-04-01T00:00:00Z' } }],
    ['key_exists R25', {}, { vault, keyVersions: [version()] }],
    ['key_missing R59', { key: use }, {}],
    [
      'key_missing R59',
      { key: { ...use, version: '2'.repeat(32) } },
      { vault, keyVersions: [version()] },
    ],
    ['key_unusable R59', { key: use }, { vault, keyVersions: [version({ enabled: false })] }],
    [
      'key_unusable R29',
      { key: use },
      { vault, keyVersions: [version()], keyFault: 'the key is of type EC' },
    ],
    ['key_unusable R29', { key: { ...request.key, sizeBits: 1024 } }, {}],
    [
      'missing_permission R52',
      {},
      { missingRights: [{ action: 'a', scope: '/vault', group: '/g' }] },
    ],
    ['identity_missing R64', {}, { cluster: withoutIdentity }],
    ['key_missing R94', {}, { cluster: withoutKey }],
  ])('is %s', (code, change, seen) => {
    const made = plan(change, seen);
    expect(blockers(made)).toEqual([code]);
    expect(made).not.toHaveProperty('replacement');
  });

  it('is a cluster that is not there', () => {
    const { cluster: _, ...absent } = facts;
    expect(blockers(planReplacement(request, absent, given))).toEqual(['cluster_missing R116']);
  });
});
