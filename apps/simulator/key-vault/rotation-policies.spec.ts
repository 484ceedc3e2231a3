import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSimulatedAzure } from '../simulated-azure.ts';
import type { Reply, SimulatedAzure } from '../simulated-azure.ts';
import { openVault, versionOf } from './spec-vault.ts';
import type { SpecVault } from './spec-vault.ts';

let azure: SimulatedAzure;
let vault: SpecVault;
const DAY = 86_400;

beforeEach(async () => {
  azure = await openSimulatedAzure();
  vault = await openVault(azure, { name: 'kv-rotation' });
  await vault.keys('POST', '/keys/kek/create', { body: { kty: 'RSA', tags: { op: 'one' } } });
});

afterEach(async () => {
  await azure.close();
});

async function setPolicy(rotate: object, expiryTime?: string): Promise<Reply> {
  return await vault.keys('PUT', '/keys/kek/rotationpolicy', {
    body: {
      lifetimeActions: [{ trigger: rotate, action: { type: 'Rotate' } }],
      attributes: { expiryTime },
    },
  });
}

async function countVersions(): Promise<number> {
  const reply = await vault.keys('GET', '/keys/kek/versions');
  return (reply.body as { value: unknown[] }).value.length;
}

test('a key without a policy of its own shows the default reminder', async () => {
  expect((await vault.keys('GET', '/keys/kek/rotationpolicy')).body).toEqual({
    id: 'https://kv-rotation.vault.azure.net/keys/kek/rotationpolicy',
    lifetimeActions: [{ trigger: { timeBeforeExpiry: 'P30D' }, action: { type: 'Notify' } }],
    attributes: {},
  });
});

test('a policy makes versions on its day, each with the expiry it sets, also in one jump', async () => {
  expect((await setPolicy({ timeAfterCreate: 'P30D' }, 'P90D')).status).toBe(200);
  await azure.advance(29 * DAY);
  expect(await countVersions()).toBe(1);
  await azure.advance(62 * DAY);
  expect(await countVersions()).toBe(4);
  const latest = await vault.keys('GET', '/keys/kek');
  const { attributes } = latest.body as { attributes: { created: number; exp: number } };
  expect(attributes.exp - attributes.created).toBe(90 * DAY);
});

test('an asked-for rotation keeps kind and size, leaves the old version enabled, carries no tags', async () => {
  const before = await vault.keys('GET', '/keys/kek');
  const rotated = await vault.keys('POST', '/keys/kek/rotate');
  const old = await vault.keys('GET', `/keys/kek/${versionOf(before)}`);
  expect(rotated.body).toMatchObject({ key: { kty: 'RSA' } });
  expect(rotated.body).not.toHaveProperty('tags');
  expect(old.body).toMatchObject({ attributes: { enabled: true }, tags: { op: 'one' } });
});

test('a rotation asked for moves the next automatic one', async () => {
  await setPolicy({ timeAfterCreate: 'P30D' });
  await azure.advance(20 * DAY);
  await vault.keys('POST', '/keys/kek/rotate');
  await azure.advance(20 * DAY);
  expect(await countVersions()).toBe(2);
  await azure.advance(11 * DAY);
  expect(await countVersions()).toBe(3);
});

const refused: { why: string; trigger: object; expiryTime?: string }[] = [
  { why: 'less than 28 days to live', trigger: { timeAfterCreate: 'P20D' }, expiryTime: 'P27D' },
  { why: 'earlier than seven days after creation', trigger: { timeAfterCreate: 'P6D' } },
  {
    why: 'within seven days of the expiry',
    trigger: { timeAfterCreate: 'P85D' },
    expiryTime: 'P90D',
  },
  { why: 'before an expiry that is not set', trigger: { timeBeforeExpiry: 'P30D' } },
  { why: 'no ISO 8601 duration', trigger: { timeAfterCreate: 'monthly' } },
];

test.each(refused)('a policy is refused: $why', async ({ trigger, expiryTime }) => {
  expect((await setPolicy(trigger, expiryTime)).status).toBe(400);
});

test('two Rotate actions are refused', async () => {
  const rotate = { trigger: { timeAfterCreate: 'P30D' }, action: { type: 'Rotate' } };
  const body = { lifetimeActions: [rotate, rotate] };
  expect((await vault.keys('PUT', '/keys/kek/rotationpolicy', { body })).status).toBe(400);
});

test('a deleted key does not rotate; recovered, it makes up for it', async () => {
  await setPolicy({ timeAfterCreate: 'P30D' });
  await vault.keys('DELETE', '/keys/kek');
  await azure.advance(31 * DAY);
  await vault.keys('POST', '/deletedkeys/kek/recover');
  await azure.advance(10);
  expect(await countVersions()).toBe(2);
});
