import { describe, expect, it } from 'vitest';
import { rulePacks } from '#libs/domain/service-rules.ts';
import { readProvisionRequest } from './provision-rules.ts';

const subscriptionId = '22222222-2222-2222-2222-222222222222';
const group = `/subscriptions/${subscriptionId}/resourceGroups/rg/providers`;
const workspace = `${group}/Microsoft.OperationalInsights/workspaces/logs`;
const key = { vaultId: `${group}/Microsoft.KeyVault/vaults/v1`, name: 'kek', source: 'generate' };
const smallest = {
  cluster: { subscriptionId, resourceGroup: 'rg', name: 'alpha' },
  region: 'West Europe',
  capacityGbPerDay: 500,
  key,
};

function read(changes: object = {}, rules = rulePacks.current) {
  return readProvisionRequest({ ...smallest, ...changes }, rules);
}

function problemsOf(changes: object, rules = rulePacks.current) {
  const reading = read(changes, rules);
  if (reading.ok) throw new Error('expected a refusal');
  return reading;
}

const identityId =
  '/subscriptions/s/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/uai';

describe('a provision request', () => {
  it('is completed with every default', () => {
    expect(read()).toEqual({
      ok: true,
      value: {
        ...smallest,
        billingType: 'Cluster',
        identity: { type: 'SystemAssigned' },
        doubleEncryption: true,
        key: { ...key, mode: 'explicit', sizeBits: 3072 },
        workspaces: [],
        onNameReserved: 'refuse',
        onExisting: 'refuse',
        tags: {},
        planOnly: false,
      },
    });
  });

  it('keeps what it says itself', () => {
    const said = {
      billingType: 'Workspaces',
      doubleEncryption: false,
      workspaces: [workspace],
      onNameReserved: 'wait',
      tags: { team: 'logs' },
      planOnly: true,
      acceptPlan: 'a'.repeat(64),
    };
    const reading = read({
      ...said,
      identity: { type: 'SystemAssigned' },
      key: { ...key, source: 'use', version: 'AB'.repeat(16) },
    });
    const keyRead = { source: 'use', version: 'ab'.repeat(16), sizeBits: 3072 };
    expect(reading).toMatchObject({ ok: true, value: { ...said, key: keyRead } });
  });

  it('accepts a tier outside the list by the rules of today, which the plan will warn of', () => {
    expect(read({ capacityGbPerDay: 777 }).ok).toBe(true);
  });

  it.each([
    [
      'a name that is too short',
      { cluster: { ...smallest.cluster, name: 'abc' } },
      'cluster.name',
      'R100',
    ],
    [
      'a name with an underscore',
      { cluster: { ...smallest.cluster, name: 'a_name' } },
      'cluster.name',
      'R100',
    ],
    ['a size that no cluster takes', { key: { ...key, sizeBits: 1024 } }, 'key.sizeBits', 'R29'],
    [
      'a size for an existing key',
      { key: { ...key, source: 'use', sizeBits: 2048 } },
      'key.sizeBits',
      'R29',
    ],
    ['a version of a new key', { key: { ...key, version: 'a'.repeat(32) } }, 'key.version', 'R30'],
    [
      'a version in automatic mode',
      { key: { ...key, source: 'use', mode: 'automatic', version: 'a'.repeat(32) } },
      'key.version',
      'R93',
    ],
    [
      'a workspace named twice',
      { workspaces: [workspace, workspace.toUpperCase()] },
      'workspaces[1]',
      'R174',
    ],
    [
      'too many workspaces',
      { workspaces: Array.from({ length: 1001 }, (_, index) => `${workspace}${index}`) },
      'workspaces',
      'R70',
    ],
    [
      'a size for an imported key',
      { key: { ...key, source: { importFrom: 'kek.pem' }, sizeBits: 2048 } },
      'key.sizeBits',
      'R29',
    ],
    [
      'a user-assigned identity without its id',
      { identity: { type: 'UserAssigned' } },
      'identity.userAssignedIdentityId',
      'R33',
    ],
    [
      'a system-assigned identity with an id',
      { identity: { type: 'SystemAssigned', userAssignedIdentityId: identityId } },
      'identity.userAssignedIdentityId',
      'R33',
    ],
  ])('is refused by rule for %s', (...[, changes, field, rule]) => {
    const { malformed, problems } = problemsOf(changes);
    expect(malformed).toBe(false);
    expect(problems).toEqual([
      { field, rule, message: expect.any(String), remedy: expect.stringMatching(/\.$/u) },
    ]);
  });

  it.each([
    [
      'a path to the key file',
      { key: { ...key, source: { importFrom: '../kek.pem' } } },
      'key.source.importFrom',
    ],
    [
      'an identity that is no resource id',
      { identity: { type: 'UserAssigned', userAssignedIdentityId: 'uai' } },
      'identity.userAssignedIdentityId',
    ],
  ])('is malformed with %s', (...[, changes, field]) => {
    const { malformed, problems } = problemsOf(changes);
    expect(malformed).toBe(true);
    expect(problems.map((problem) => problem.field)).toEqual([field]);
  });

  it('keeps an import and a user-assigned identity as they were asked for', () => {
    const identity = { type: 'UserAssigned', userAssignedIdentityId: identityId };
    const reading = read({ identity, key: { ...key, source: { importFrom: 'kek.pem' } } });
    expect(reading).toMatchObject({
      value: {
        identity: { type: 'UserAssigned', id: identityId },
        key: { source: 'import', importFrom: 'kek.pem' },
      },
    });
  });

  it('is refused for a user-assigned identity by the rules of 2021', () => {
    const identity = { type: 'UserAssigned', userAssignedIdentityId: identityId };
    const { problems } = problemsOf({ identity }, rulePacks['2021']);
    expect(problems.map(({ field, rule }) => `${field} ${rule}`)).toEqual(['identity.type R33']);
  });

  it('is refused for an unknown tier by the rules of 2021, with the tiers that exist', () => {
    const { malformed, problems } = problemsOf({ capacityGbPerDay: 300 }, rulePacks['2021']);
    expect(malformed).toBe(false);
    const [problem] = problems;
    expect(problem).toMatchObject({ field: 'capacityGbPerDay', rule: 'R6' });
    expect(problem?.remedy).toBe('Choose 500, 1000, 2000, 5000.');
  });

  it.each([
    ['a missing region', { region: undefined }, 'region', 'is missing', 'R11'],
    [
      'a missing key source',
      { key: { ...key, source: undefined } },
      'key.source',
      'is missing',
      'R25',
    ],
    [
      'a capacity in words',
      { capacityGbPerDay: 'five' },
      'capacityGbPerDay',
      'must be a number',
      'R6',
    ],
    [
      'a word that is no choice',
      { billingType: 'Free' },
      'billingType',
      'must be Cluster or Workspaces',
      'R62',
    ],
    [
      'a slip in a member',
      { key: { ...key, kyName: 'kek' } },
      'key.kyName',
      'is not a member of this request',
      'R56',
    ],
  ])('is malformed with %s', (...[, changes, field, message, rule]) => {
    const { malformed, problems } = problemsOf(changes);
    expect(malformed).toBe(true);
    expect(problems).toEqual([{ field, message, rule, remedy: expect.any(String) }]);
  });

  it('is malformed when a vault or a workspace is no resource id', () => {
    const { problems } = problemsOf({ key: { ...key, vaultId: 'v1' }, workspaces: ['logs'] });
    expect(problems.map(({ field }) => field)).toEqual(['key.vaultId', 'workspaces[0]']);
  });

  it('is told every problem at once, of form and of rule', () => {
    const { malformed, problems } = problemsOf({
      cluster: { ...smallest.cluster, name: 'a' },
      region: 5,
      key: { ...key, sizeBits: 1, extra: true },
      surprise: 1,
    });
    expect(malformed).toBe(true);
    expect(problems.map(({ field }) => field).toSorted()).toEqual([
      'cluster.name',
      'key.extra',
      'key.sizeBits',
      'region',
      'surprise',
    ]);
  });

  it.each([[undefined], [null], ['text'], [[]], [7]])('is malformed when it is %j', (raw) => {
    const reading = readProvisionRequest(raw, rulePacks.current);
    expect(reading).toMatchObject({ ok: false, malformed: true, problems: [{ field: '(body)' }] });
  });
});
