import { assert, asyncProperty, boolean, integer, record, array } from 'fast-check';
import { expect, it } from 'vitest';

import { runAttempt, standInAzure, vaultId } from './azure-stand-in.ts';
import { keyRestoreActivities } from './key-restore.ts';
import { KeyStandIn } from './key-stand-in.ts';
import { keySwitchActivities } from './key-switch.ts';

const cluster = { subscriptionId: 's', resourceGroup: 'g', name: 'main' };
const common = { vaultId, keyName: 'cmk', cluster, accessSpreadMs: 0 };
const rotate = { action: 'Rotate', timeAfterCreate: 'P90D' };
const notify = { action: 'Notify', timeBeforeExpiry: 'P30D' };

const switchOff = async (key: KeyStandIn, known: readonly string[] = [], operationId = 'op') => {
  const deeds = keySwitchActivities(standInAzure({ keys: key.keys }));
  return await runAttempt(async () => deeds.switchOffKey({ ...common, operationId, known }));
};

const restore = async (
  key: KeyStandIn,
  of = cluster,
  { info = {}, told = [] }: { info?: object; told?: unknown[] } = {},
) => {
  const deeds = keyRestoreActivities(standInAzure({ keys: key.keys }));
  return await runAttempt(async () => deeds.restoreKey({ ...common, cluster: of }), info, told);
};

function keyWith(...versions: string[]): KeyStandIn {
  const key = new KeyStandIn();
  for (const version of versions) key.add(version);
  return key;
}

const kids = (...versions: string[]) =>
  versions.map((version) => `https://kv.vault.azure.net/keys/cmk/${version}`);

it('disables every version, and tags each with the revocation and its cluster', async () => {
  const key = keyWith('a', 'b');
  const off = await switchOff(key);
  expect(off).toMatchObject({ disabled: kids('a', 'b'), back: [], suspended: false });
  expect(key.tagsOf('a')).toEqual({
    'keyturn-revoked': 'op',
    'keyturn-revoked-for': 's/g/main',
  });
});

it('leaves a version alone that was disabled before', async () => {
  const key = keyWith('b');
  key.add('a', { enabled: false, tags: { 'keyturn-retired-by': 'other' } });
  expect((await switchOff(key)).disabled).toEqual(kids('b'));
  expect(key.tagsOf('a')).toEqual({ 'keyturn-retired-by': 'other' });
});

it('has the vault rotate no more, and leaves its reminder', async () => {
  const key = keyWith('a');
  key.policy = { actions: [notify, rotate], expiresIn: 'P120D' };
  expect(await switchOff(key)).toMatchObject({ suspended: true });
  expect(key.policy).toEqual({ actions: [notify], expiresIn: 'P120D' });
  expect(key.tagsOf('a')?.['keyturn-revoked-rotation']).toBe('timeAfterCreate P90D');
});

it('disables the version too that the vault makes meanwhile', async () => {
  const key = keyWith('a');
  key.policy = { actions: [rotate] };
  key.meanwhile = () => {
    key.meanwhile = () => {};
    key.add('b');
  };
  expect((await switchOff(key)).disabled).toEqual(kids('a', 'b'));
  expect(key.enabled).toEqual([]);
});

it('gives up for a while where versions come up faster than it disables them', async () => {
  const key = keyWith('a');
  let made = 0;
  key.meanwhile = () => key.add(`more-${(made += 1)}`);
  await expect(switchOff(key)).rejects.toMatchObject({ type: 'Busy' });
});

it('changes nothing when somebody has enabled again what it had disabled', async () => {
  const key = keyWith('a', 'b');
  const { disabled } = await switchOff(key);
  await restore(key);
  key.add('c');
  key.sent.length = 0;
  expect(await switchOff(key, disabled)).toMatchObject({ back: kids('a', 'b') });
  expect(key.sent).toEqual([]);
});

it('says after a lost answer what it has disabled, and sends nothing again', async () => {
  const key = keyWith('a');
  await switchOff(key);
  key.sent.length = 0;
  expect(await switchOff(key)).toMatchObject({ disabled: kids('a') });
  expect(key.sent).toEqual([]);
});

it('brings back all that a revocation took, whatever the key was like before', async () => {
  const version = record({ enabled: boolean(), isRetired: boolean() });
  const property = asyncProperty(
    array(version, { maxLength: 5 }),
    boolean(),
    integer({ min: 1, max: 3 }),
    async (versions, rotates, times) => {
      const key = new KeyStandIn();
      key.policy = { actions: rotates ? [notify, rotate] : [notify] };
      for (const [index, { enabled, isRetired }] of versions.entries()) {
        const tags: Record<string, string> = { own: 'x' };
        if (isRetired) tags['keyturn-retired-by'] = 'other';
        key.add(`v${index}`, { enabled: enabled && !isRetired, tags });
      }
      const before = structuredClone([key.versions, key.policy]);
      const wasEnabled = key.enabled.length > 0;
      for (let time = 0; time < times; time += 1) await switchOff(key);
      expect(key.enabled).toEqual([]);
      if (wasEnabled && rotates) expect(key.policy.actions).toEqual([notify]);
      await (key.versions.length === 0 ? Promise.resolve() : restore(key));
      expect([key.versions, key.policy]).toEqual(before);
    },
  );
  await assert(property);
});

it('leaves what another cluster was revoked for', async () => {
  const key = keyWith('a');
  await switchOff(key);
  expect(await restore(key, { ...cluster, name: 'other' })).toMatchObject({ enabled: [] });
  expect(key.enabled).toEqual([]);
});

it('leaves what was retired while it was revoked', async () => {
  const key = keyWith('a', 'b');
  await switchOff(key);
  key.versions = key.versions.map((each) =>
    each.version === 'a'
      ? { ...each, tags: { ...each.tags, 'keyturn-retired-by': 'other' } }
      : each,
  );
  expect(await restore(key)).toMatchObject({ enabled: kids('b') });
});

it('has a deleted key back first, and tells so, also when the answer was lost', async () => {
  const key = new KeyStandIn();
  key.add('a');
  await switchOff(key);
  key.deleted = key.versions;
  key.versions = [];
  const told: unknown[] = [];
  await expect(restore(key, cluster, { told })).rejects.toMatchObject({ type: 'StillRunning' });
  const info = { attempt: 2, heartbeatDetails: told.at(-1) };
  expect(await restore(key, cluster, { info })).toMatchObject({
    recovered: true,
    enabled: kids('a'),
  });
  expect(key.sent.filter((each) => each === 'recover')).toHaveLength(1);
});

it('is a matter for a person when the key is purged', async () => {
  await expect(restore(new KeyStandIn())).rejects.toMatchObject({
    type: 'NotAsExpected',
    nonRetryable: true,
  });
});
