import { expect, it } from 'vitest';

import { rulePacks } from '#libs/domain/service-rules.ts';

import {
  answer,
  type AzureParts,
  goodCluster,
  goodVault,
  runAttempt,
  seen,
  standInAzure,
} from './azure-stand-in.ts';
import { recoveryActivities } from './recovery.ts';
import { revocationActivities } from './revocation.ts';

const cluster = { subscriptionId: 's', resourceGroup: 'g', name: 'main' };
const common = { now: Date.parse('2026-03-01T00:00:00Z'), begun: {} };
const facts = { ...goodCluster, key: { vaultUri: goodVault.vaultUri, name: 'cmk', version: '' } };
const vault = {
  ...goodVault,
  accessPolicies: [{ objectId: 'principal', keyPermissions: ['all'] }],
};
const out = async () => {
  throw answer(503, 'Service Unavailable');
};
const estate = {
  clusters: { read: async () => await seen(facts), list: async () => await seen([facts]) },
  subscriptions: { list: async () => await seen(['s']) },
  vaults: { find: async () => await seen(vault), read: async () => await seen(vault) },
  keys: { versions: out },
} satisfies AzureParts;

const given = { rules: rulePacks.current, probes: true };
const afterTries = { attempt: 4 };

async function recovery(parts: AzureParts = {}, planOnly = false) {
  const deeds = recoveryActivities(standInAzure({ ...estate, ...parts }), given);
  const order = { ...common, request: { cluster, planOnly } };
  return await runAttempt(async () => await deeds.planRecovery(order), afterTries);
}

async function revocation(by: 'grant' | 'versions') {
  const deeds = revocationActivities(standInAzure(estate), given);
  const request = { cluster, planOnly: false, reason: 'why', breakGlass: false, by };
  return await runAttempt(
    async () => await deeds.planRevocation({ ...common, request }),
    afterTries,
  );
}

it('is a matter between a person and Microsoft where the cluster has no identity', async () => {
  const { principalId: _, ...nobody } = facts;
  const clusters = { read: async () => await seen({ ...nobody, identityType: 'None' }) };
  await expect(recovery({ clusters })).rejects.toMatchObject({
    type: 'NotAsExpected',
    details: [{ code: 'identity_missing', remedy: expect.stringContaining('support case') }],
  });
});

it('asks a person to wait while the vault does not answer, and says that it is no denial', async () => {
  await expect(recovery()).rejects.toMatchObject({
    type: 'NotAsExpected',
    message: expect.stringContaining('503'),
    details: [{ code: 'vault_outage', remedy: expect.stringContaining('no denial') }],
  });
});

it('only tells all that where a plan alone was asked for', async () => {
  const { plan } = await recovery({}, true);
  expect(plan.findings.map(({ code }) => code)).toContain('vault_outage');
});

it('revokes by the grant also while the vault does not answer, and by versions only with a person', async () => {
  const { plan } = await revocation('grant');
  expect(plan.findings.filter(({ severity }) => severity === 'blocker')).toEqual([]);
  await expect(revocation('versions')).rejects.toMatchObject({
    details: [{ code: 'vault_outage', remedy: expect.stringContaining('by "grant"') }],
  });
});
