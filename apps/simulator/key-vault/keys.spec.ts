import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { settingsOf, writeSettings } from '../settings.ts';
import { openSimulatedAzure } from '../simulated-azure.ts';
import type { SimulatedAzure } from '../simulated-azure.ts';
import { openVault, principalOf, refusal, versionOf } from './spec-vault.ts';
import type { SpecVault } from './spec-vault.ts';
import { readAudit } from './vault-audit.ts';

let azure: SimulatedAzure;
let vault: SpecVault;

beforeEach(async () => {
  azure = await openSimulatedAzure();
  vault = await openVault(azure, { name: 'kv-keys' });
});

afterEach(async () => {
  await azure.close();
});

const rsa = { body: { kty: 'RSA' } };
const dek = Buffer.from('0123456789abcdef0123456789abcdef').toString('base64url');

async function createKey(tags?: Record<string, string>): Promise<string> {
  return versionOf(await vault.keys('POST', '/keys/kek/create', { body: { kty: 'RSA', tags } }));
}

async function use(verb: string, version: string, body: { value: string; alg?: string }) {
  const alg = 'RSA-OAEP-256';
  return await vault.keys('POST', `/keys/kek/${version}/${verb}`, { body: { alg, ...body } });
}

function valueOf(reply: { body: unknown }): string {
  return (reply.body as { value: string }).value;
}

test('a new key carries its identifier, public half and recovery level, never its private half', async () => {
  const reply = await vault.keys('POST', '/keys/kek/create', rsa);
  expect(reply.body).toMatchObject({
    key: {
      kid: expect.stringMatching(/^https:\/\/kv-keys\.vault\.azure\.net\/keys\/kek\/[\da-f]{32}$/u),
      kty: 'RSA',
      e: 'AQAB',
    },
    attributes: { enabled: true, recoveryLevel: 'Recoverable+Purgeable', recoverableDays: 90 },
  });
  expect(Object.keys((reply.body as { key: object }).key)).toEqual([
    'kid',
    'kty',
    'key_ops',
    'n',
    'e',
  ]);
});

test.each(['RSA-OAEP', 'RSA-OAEP-256', 'RSA1_5'])('%s unwraps what it wrapped', async (alg) => {
  const version = await createKey();
  const wrapped = valueOf(await use('wrapkey', version, { value: dek, alg }));
  expect(wrapped).not.toBe(dek);
  expect(valueOf(await use('unwrapkey', version, { value: wrapped, alg }))).toBe(dek);
});

test('a value wrapped by another version does not unwrap', async () => {
  const [first, second] = [await createKey(), await createKey()];
  const wrapped = valueOf(await use('wrapkey', first, { value: dek }));
  expect(refusal(await use('unwrapkey', second, { value: wrapped }))).toEqual([
    400,
    'BadParameter',
    undefined,
  ]);
});

test('every create makes a new version, and the key without a version is the latest', async () => {
  const first = await createKey({ op: 'a' });
  await azure.advance(1);
  const second = await createKey({ op: 'b' });
  expect(first).not.toBe(second);
  expect(versionOf(await vault.keys('GET', '/keys/kek/'))).toBe(second);
  expect(versionOf(await vault.keys('GET', `/keys/kek/${first}`))).toBe(first);
});

test('versions come in pages in order of identifier, with their tags', async () => {
  for (const op of ['a', 'b', 'c']) await createKey({ op });
  const first = await vault.keys('GET', '/keys/kek/versions?maxresults=2');
  const { value, nextLink } = first.body as { value: { kid: string }[]; nextLink: string };
  const second = await azure.ask('GET', nextLink);
  const rest = second.body as { value: { kid: string; tags: object }[]; nextLink: null };
  const kids = [...value, ...rest.value].map(({ kid }) => kid);
  expect(kids).toEqual(kids.toSorted());
  expect(new Set(kids).size).toBe(3);
  expect(rest.value[0]?.tags).toHaveProperty('op');
  expect(rest.nextLink).toBeNull();
});

test('a disabled version is still shown but wraps and unwraps nothing', async () => {
  const version = await createKey();
  const wrapped = valueOf(await use('wrapkey', version, { value: dek }));
  await vault.keys('PATCH', `/keys/kek/${version}`, { body: { attributes: { enabled: false } } });
  const shown = await vault.keys('GET', `/keys/kek/${version}`);
  const refused = await use('unwrapkey', version, { value: wrapped });
  expect(shown.body).toMatchObject({ attributes: { enabled: false } });
  expect(refused.body).toEqual({
    error: {
      code: 'Forbidden',
      message: 'Operation unwrapKey is not allowed on a disabled key.',
      innererror: { code: 'KeyDisabled' },
    },
  });
});

test('with a switch a disabled version is not even shown', async () => {
  await azure.look((tx) => {
    writeSettings(tx, { ...settingsOf(tx), switches: ['disabled-keys-hidden'] });
  });
  const version = await createKey();
  await vault.keys('PATCH', `/keys/kek/${version}`, { body: { attributes: { enabled: false } } });
  const shown = await vault.keys('GET', `/keys/kek/${version}`);
  expect(refusal(shown)).toEqual([403, 'Forbidden', 'KeyDisabled']);
});

test('an expired version unwraps but wraps no more', async () => {
  const version = await createKey();
  const wrapped = valueOf(await use('wrapkey', version, { value: dek }));
  const exp = await azure.look((tx) => Math.floor(tx.now / 1000) + 60);
  await vault.keys('PATCH', `/keys/kek/${version}`, { body: { attributes: { exp } } });
  await azure.advance(61);
  expect(refusal(await use('wrapkey', version, { value: dek }))).toEqual([
    403,
    'Forbidden',
    'KeyNotYetValidOrExpired',
  ]);
  expect(valueOf(await use('unwrapkey', version, { value: wrapped }))).toBe(dek);
});

test('a version whose operations leave out wrapKey refuses it', async () => {
  const version = await createKey();
  await vault.keys('PATCH', `/keys/kek/${version}`, { body: { key_ops: ['sign', 'verify'] } });
  expect(refusal(await use('wrapkey', version, { value: dek }))[2]).toBe('KeyOperationForbidden');
});

test('an imported key unwraps what its public half wrapped elsewhere', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = privateKey.export({ format: 'jwk' });
  const imported = await vault.keys('PUT', '/keys/kek', { body: { key } });
  expect(imported.body).toMatchObject({ key: { n: key.n } });
  expect(JSON.stringify(imported.body)).not.toContain(key.d);
  const wrapped = valueOf(await use('wrapkey', versionOf(imported), { value: dek }));
  expect(valueOf(await use('unwrapkey', versionOf(imported), { value: wrapped }))).toBe(dek);
});

test('unknown kinds, sizes and hardware keys on a standard vault are refused', async () => {
  const bodies = [{ kty: 'oct' }, { kty: 'RSA', key_size: 1024 }, { kty: 'RSA-HSM' }];
  for (const body of bodies) {
    const reply = await vault.keys('POST', '/keys/kek/create', { body });
    expect(refusal(reply)).toEqual([400, 'BadParameter', undefined]);
  }
});

test('an unknown key is a 404 that names it', async () => {
  expect((await vault.keys('GET', '/keys/none')).body).toMatchObject({
    error: {
      code: 'KeyNotFound',
      message: expect.stringContaining('A key with (name/id) none was not found'),
    },
  });
});

test('a deletion is on its way for a moment, then the name is held', async () => {
  await createKey();
  const deleted = await vault.keys('DELETE', '/keys/kek');
  expect(deleted.body).toMatchObject({
    recoveryId: 'https://kv-keys.vault.azure.net/deletedkeys/kek',
  });
  expect((await vault.keys('GET', '/keys/kek')).status).toBe(404);
  expect((await vault.keys('GET', '/deletedkeys/kek')).status).toBe(404);
  expect(refusal(await vault.keys('POST', '/keys/kek/create', rsa))[2]).toBe(
    'ObjectIsBeingDeleted',
  );
  await azure.advance(5);
  expect((await vault.keys('GET', '/deletedkeys/kek')).status).toBe(200);
  expect(refusal(await vault.keys('POST', '/keys/kek/create', rsa))[2]).toBe(
    'ObjectIsDeletedButRecoverable',
  );
});

test('a recovered key answers a moment later with every version', async () => {
  const version = await createKey();
  await vault.keys('DELETE', '/keys/kek');
  await azure.advance(5);
  await vault.keys('POST', '/deletedkeys/kek/recover');
  expect((await vault.keys('GET', '/keys/kek')).status).toBe(404);
  await azure.advance(5);
  expect(versionOf(await vault.keys('GET', '/keys/kek'))).toBe(version);
});

test('a purge frees the name at once, a retention frees it in the end', async () => {
  await createKey();
  await vault.keys('DELETE', '/keys/kek');
  await azure.advance(5);
  expect((await vault.keys('DELETE', '/deletedkeys/kek')).status).toBe(204);
  expect((await vault.keys('POST', '/keys/kek/create', rsa)).status).toBe(200);
  await vault.keys('DELETE', '/keys/kek');
  await azure.advance(90 * 86_400);
  expect((await vault.keys('POST', '/keys/kek/create', rsa)).status).toBe(200);
});

test('purge protection refuses a purge', async () => {
  await vault.patch({ enablePurgeProtection: true });
  await createKey();
  await vault.keys('DELETE', '/keys/kek');
  await azure.advance(5);
  expect((await vault.keys('DELETE', '/deletedkeys/kek')).status).toBe(403);
});

test('a caller without the word is refused in the words of access policies', async () => {
  await createKey();
  const { clientId, objectId, tenantId } = await principalOf(azure, 'keyturn');
  const reply = await vault.keys('GET', '/keys/kek', { as: 'keyturn' });
  expect(refusal(reply)).toEqual([403, 'Forbidden', 'ForbiddenByPolicy']);
  expect(reply.body).toMatchObject({
    error: {
      message: `The user, group or application 'appid=${clientId};oid=${objectId};iss=https://sts.windows.net/${tenantId}/' does not have keys get permission on key vault 'kv-keys;location=westeurope'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287`,
    },
  });
});

test('under roles the refusal names action, resource and decision', async () => {
  await createKey();
  await vault.patch({ enableRbacAuthorization: true });
  const reply = await vault.keys('GET', '/keys/kek');
  expect(refusal(reply)).toEqual([403, 'Forbidden', 'ForbiddenByRbac']);
  expect(JSON.stringify(reply.body)).toContain(
    String.raw`\r\nAction: 'Microsoft.KeyVault/vaults/keys/read'\r\nResource: '/subscriptions/`,
  );
  expect(JSON.stringify(reply.body)).toContain("DecisionReason: 'DeniedWithNoValidRBAC'");
});

test('the firewall refuses who is not listed, and public access off refuses everybody', async () => {
  await createKey();
  await vault.patch({ networkAcls: { defaultAction: 'Deny', bypass: 'AzureServices' } });
  expect(refusal(await vault.keys('GET', '/keys/kek'))[2]).toBe('ForbiddenByFirewall');
  await vault.patch({
    networkAcls: { defaultAction: 'Deny', ipRules: [{ value: '203.0.113.0/24' }] },
  });
  expect((await vault.keys('GET', '/keys/kek')).status).toBe(200);
  await vault.patch({ publicNetworkAccess: 'Disabled' });
  expect(refusal(await vault.keys('GET', '/keys/kek'))[2]).toBe('ForbiddenByConnection');
});

test('what was done and what was refused are both in the audit log', async () => {
  await createKey();
  await vault.keys('GET', '/keys/kek', { as: 'keyturn' });
  const log = await azure.look((tx) => readAudit(tx, 'kv-keys'));
  expect(log.map(({ operation, status, code }) => [operation, status, code])).toEqual([
    ['KeyCreate', 200, undefined],
    ['KeyGet', 403, 'Forbidden'],
  ]);
});

test('the audit log is bounded', async () => {
  for (let round = 0; round < 510; round += 1) await vault.keys('GET', '/keys');
  const log = await azure.look((tx) => readAudit(tx, 'kv-keys'));
  expect([log.length, log[0]?.seq, log.at(-1)?.seq]).toEqual([500, 11, 510]);
});
