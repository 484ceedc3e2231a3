import { generateKeyPairSync } from 'node:crypto';
import type { JsonWebKey } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { storageState } from '../cluster-storage.ts';
import { clusterAt, keyBody, provide } from '../providers/operational-insights/spec-stories.ts';
import { openSimulatedAzure } from '../simulated-azure.ts';
import type { Reply, SimulatedAzure } from '../simulated-azure.ts';
import { openVault, principalOf, refusal, versionOf } from './spec-vault.ts';
import type { SpecVault } from './spec-vault.ts';

const MINUTE = 60;
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi'];
let azure: SimulatedAzure;
let vault: SpecVault;

beforeEach(async () => {
  azure = await openSimulatedAzure();
  vault = await openVault(azure, {
    name: 'kv-import',
    properties: { enablePurgeProtection: true },
  });
});

afterEach(async () => {
  await azure.close();
});

function rsa(bits = 2048): JsonWebKey {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  return privateKey.export({ format: 'jwk' });
}

async function importKey(body: object, as = 'owner'): Promise<Reply> {
  return await vault.keys('PUT', '/keys/kek', { as, body });
}

test.each([2048, 3072, 4096])(
  'an RSA key of %i bits is taken, and only its public half shown',
  async (bits) => {
    const key = rsa(bits);
    const reply = await importKey({ key });
    expect(reply.status).toBe(200);
    const shown = (reply.body as { key: JsonWebKey }).key;
    expect(shown).toMatchObject({ kty: 'RSA', n: key.n, e: key.e });
    expect(PRIVATE_MEMBERS.filter((member) => member in shown)).toEqual([]);
  },
);

test('attributes, operations and tags are as sent', async () => {
  const exp = await azure.look((tx) => Math.floor(tx.now / 1000) + 86_400);
  const reply = await importKey({
    key: { ...rsa(), key_ops: ['wrapKey', 'unwrapKey'] },
    attributes: { enabled: false, exp },
    tags: { team: 'audit' },
  });
  expect(reply.body).toMatchObject({
    key: { key_ops: ['wrapKey', 'unwrapKey'] },
    attributes: { enabled: false, exp, recoveryLevel: 'Recoverable' },
    tags: { team: 'audit' },
  });
});

test('a second import makes a new version of the same key', async () => {
  const first = versionOf(await importKey({ key: rsa() }));
  const second = versionOf(await importKey({ key: rsa() }));
  expect(second).not.toBe(first);
  const list = await vault.keys('GET', '/keys/kek/versions');
  expect((list.body as { value: unknown[] }).value).toHaveLength(2);
});

test('a public key, halves of two keys, 1024 bits, a symmetric and a hardware key are refused', async () => {
  const whole = rsa();
  const { kty, n, e } = whole;
  const refused: object[] = [
    { kty, n, e },
    { ...rsa(), n: whole.n },
    rsa(1024),
    { kty: 'oct', k: Buffer.alloc(32).toString('base64url') },
    { kty: 'oct-HSM', k: Buffer.alloc(32).toString('base64url') },
    { ...whole, kty: 'RSA-HSM' },
  ];
  for (const key of refused) {
    expect(refusal(await importKey({ key }))).toEqual([400, 'BadParameter', undefined]);
  }
  expect(refusal(await importKey({ key: whole, Hsm: true }))[0]).toBe(400);
  expect((await vault.keys('GET', '/keys/kek')).status).toBe(404);
});

test('a premium vault takes it as a hardware key', async () => {
  vault = await openVault(azure, {
    name: 'kv-premium',
    properties: { sku: { family: 'A', name: 'premium' } },
  });
  for (const body of [{ key: rsa(), Hsm: true }, { key: { ...rsa(), kty: 'RSA-HSM' } }]) {
    expect((await importKey(body)).body).toMatchObject({ key: { kty: 'RSA-HSM' } });
  }
});

test('it needs the word or the role for it', async () => {
  const { objectId } = await principalOf(azure, 'reader');
  await vault.policies('add', [{ objectId, keys: ['get', 'create'] }]);
  await azure.advance(MINUTE);
  const reply = await importKey({ key: rsa() }, 'reader');
  expect(refusal(reply)).toEqual([403, 'Forbidden', 'ForbiddenByPolicy']);
  expect(JSON.stringify(reply.body)).toContain('keys import permission');
});

test('the name of a deleted key is not free for it', async () => {
  await importKey({ key: rsa() });
  await vault.keys('DELETE', '/keys/kek');
  await azure.advance(5);
  const reply = await importKey({ key: rsa() });
  expect(refusal(reply)).toEqual([409, 'Conflict', 'ObjectIsDeletedButRecoverable']);
});

test('a cluster wraps and unwraps with it', async () => {
  const { id, identity } = await provide(azure, 'logs');
  const keys = ['get', 'wrapKey', 'unwrapKey'];
  await vault.policies('add', [{ objectId: identity.principalId ?? '', keys }]);
  await azure.advance(MINUTE);
  const version = versionOf(await importKey({ key: rsa(3072) }));
  const bound = await azure.ask('PATCH', clusterAt('logs'), keyBody('kv-import', version));
  expect(bound.status).toBe(202);
  await azure.advance(2 * MINUTE);
  expect(await azure.look((tx) => storageState(tx, id))).toMatchObject({
    access: 'accessible',
    unwrapsNow: true,
  });
});
