import { describe, expect, it } from 'vitest';

import { keyAccessFindings } from '#libs/domain/diagnose.ts';

import {
  answer,
  azureError,
  type AzureParts,
  goodCluster,
  goodVault,
  runAttempt,
  seen,
  standInAzure,
  vaultId,
} from './azure-stand-in.ts';
import { callAzure } from './azure-call.ts';
import { inspectCluster } from './inspection.ts';

const now = Date.parse('2026-03-01T00:00:00Z');
const purgeAt = '2026-05-01T00:00:00.000Z';
const cluster = { subscriptionId: 's', resourceGroup: 'g', name: 'main' };
const facts = {
  ...goodCluster,
  key: { vaultUri: goodVault.vaultUri, name: 'cmk', version: 'a'.repeat(32) },
};
const version = {
  kid: `${goodVault.vaultUri}/keys/cmk/${'a'.repeat(32)}`,
  version: 'a'.repeat(32),
  enabled: true,
  createdAt: '2026-01-01T00:00:00.000Z',
  tags: {},
  recoverable: true,
};
const vault = {
  ...goodVault,
  accessPolicies: [{ objectId: 'principal', keyPermissions: ['all'] }],
};

/** A cluster that may use its key; what a spec needs to be otherwise is given, and nothing else may be asked. */
const estate = {
  clusters: { read: async () => await seen(facts) },
  vaults: { find: async () => await seen(vault), read: async () => await seen(vault) },
  keys: { versions: async () => await seen([version]) },
} satisfies AzureParts;

async function causes(parts: AzureParts, { attempt = 1, needsVault = false } = {}) {
  const azure = standInAzure({ ...estate, ...parts });
  const question = { cluster, now, ...(needsVault ? { needsVault: true as const } : {}) };
  const inspected = await runAttempt(
    async () => await callAzure(async (call) => await inspectCluster(azure, question, call)),
    { attempt },
  );
  const access = inspected?.key?.access;
  return access && keyAccessFindings(access).map(({ code, reason }) => `${code}: ${reason}`);
}

const throwing = (error: Error) => async () => {
  throw error;
};

it('asks for nothing deleted where vault and key are there', async () => {
  expect(await causes({})).toEqual([]);
});

it('looks for the deleted vault where there is none', async () => {
  const deleted = { id: vaultId, region: 'westeurope', deletionDate: '', purgeProtection: true };
  const vaults = {
    find: async () => await seen(undefined),
    findDeleted: async () => await seen({ ...deleted, scheduledPurgeDate: purgeAt }),
  };
  expect(await causes({ vaults })).toEqual([
    `vault_deleted: the vault is deleted, and kept until ${purgeAt}`,
  ]);
});

it('says nothing of a vault when it may not look for deleted ones', async () => {
  const vaults = {
    find: async () => await seen(undefined),
    findDeleted: throwing(answer(403, 'may not')),
  };
  expect(await causes({ vaults })).toBeUndefined();
});

it('looks for the deleted key where there is none', async () => {
  const keys = {
    versions: async () => await seen([]),
    readDeleted: async () => await seen({ deletedAt: '', purgeAt }),
  };
  expect(await causes({ keys })).toEqual([
    `key_deleted: the key is deleted, and kept until ${purgeAt}`,
  ]);
});

it('takes a key that is purged as not there', async () => {
  const keys = {
    versions: async () => await seen([]),
    readDeleted: async () => await seen(undefined),
  };
  expect(await causes({ keys })).toEqual(['key_missing: the key is not there']);
});

describe.each([
  ['429', answer(429, 'Throttled')],
  ['503', answer(503)],
  ['no connection', azureError({ kind: 'network', code: 'ENOTFOUND' })],
  ['no answer in time', azureError({ kind: 'timeout' })],
])('a vault that answers with %s', (_, error) => {
  const keys = { versions: throwing(error) };

  it('is asked again', async () => {
    await expect(causes({ keys })).rejects.toMatchObject({
      type: expect.stringMatching(/^(Throttled|Transient)$/u),
    });
  });

  it('is told of as out after a few tries, and never as denying', async () => {
    expect(await causes({ keys }, { attempt: 4 })).toEqual([
      expect.stringMatching(/^vault_outage: the vault does not answer/u),
    ]);
  });

  it('is waited for by those who cannot do without', async () => {
    await expect(causes({ keys }, { attempt: 4, needsVault: true })).rejects.toThrow('trying');
  });
});
