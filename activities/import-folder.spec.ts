import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { openImportFolder } from './import-folder.ts';

let folder: string;
let rsa: KeyObject;
const pem = (key: KeyObject, password?: string) =>
  key.export({
    type: 'pkcs8',
    format: 'pem',
    ...(password === undefined ? {} : { cipher: 'aes-256-cbc', passphrase: password }),
  });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyturn-import-'));
  rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
  const { privateKey: curve, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await Promise.all([
    writeFile(join(folder, 'rsa.pem'), pem(rsa)),
    writeFile(join(folder, 'rsa.json'), JSON.stringify(rsa.export({ format: 'jwk' }))),
    writeFile(join(folder, 'locked.pem'), pem(rsa, 'secret')),
    writeFile(join(folder, 'short.pem'), pem(short)),
    writeFile(join(folder, 'curve.pem'), pem(curve)),
    writeFile(join(folder, 'public.pem'), publicKey.export({ type: 'spki', format: 'pem' })),
  ]);
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

it.each(['rsa.pem', 'rsa.json'])('reads all members of %s', async (file) => {
  const opened = openImportFolder(folder);
  expect(await opened.look(file)).toEqual({ sizeBits: 2048 });
  const material = await opened.read(file);
  const { d = '' } = rsa.export({ format: 'jwk' });
  expect(Buffer.from(material.d).toString('base64url')).toBe(d);
  expect(Object.keys(material)).toEqual(['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi']);
});

it.each([
  ['locked.pem', 'without a password'],
  ['public.pem', 'no private key'],
  ['short.pem', '1024 bits'],
  ['curve.pem', 'type ec'],
  ['absent.pem', 'ENOENT'],
  ['../rsa.pem', 'without a path'],
  ['.hidden', 'without a path'],
])('says why %s cannot be imported', async (file, words) => {
  const { fault } = await openImportFolder(folder).look(file);
  expect(fault).toContain(words);
});

it('says that there is no folder', async () => {
  const { fault } = await openImportFolder(undefined).look('rsa.pem');
  expect(fault).toContain('KEYTURN_IMPORT_FOLDER');
});
