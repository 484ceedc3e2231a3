import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import type { webcrypto } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { SecureContext } from 'node:tls';
import { replaceFile } from './replace-file.ts';

const { subtle } = globalThis.crypto;
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY = 86_400_000;
const LIFE_DAYS = 30;
const RENEW_DAYS = 7;
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

interface Authority {
  readonly certificate: x509.X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
}

/** Mints a leaf per server name; clients trust `caFile` and nothing is installed anywhere. */
export interface CertificateAuthority {
  readonly caFile: string;
  secureContext(serverName: string): Promise<SecureContext>;
}

/**
 * Opens the data folder's own short-lived CA, or makes one. It is kept so that clients go on trusting the simulator
 * after a restart; its key never leaves the folder.
 */
export async function openCertificateAuthority(folder: string): Promise<CertificateAuthority> {
  const caFile = join(folder, 'ca.pem');
  const keyFile = join(folder, 'ca-key.json');
  const authority =
    (await readAuthority(caFile, keyFile)) ?? (await makeAuthority(caFile, keyFile));
  const contexts = new Map<string, Promise<SecureContext>>();
  return {
    caFile,
    secureContext(serverName) {
      const context = contexts.get(serverName) ?? mintLeaf(authority, serverName);
      contexts.set(serverName, context);
      return context;
    },
  };
}

async function readAuthority(caFile: string, keyFile: string): Promise<Authority | undefined> {
  if (!existsSync(caFile) || !existsSync(keyFile)) return undefined;
  const certificate = new x509.X509Certificate(readFileSync(caFile, 'utf8'));
  if (certificate.notAfter.getTime() < Date.now() + RENEW_DAYS * DAY) return undefined;
  const jwk = JSON.parse(readFileSync(keyFile, 'utf8')) as webcrypto.JsonWebKey;
  const privateKey = await subtle.importKey('jwk', jwk, algorithm, true, ['sign']);
  const publicKey = await certificate.publicKey.export(algorithm, ['verify']);
  return { certificate, keys: { privateKey, publicKey } };
}

async function makeAuthority(caFile: string, keyFile: string): Promise<Authority> {
  const keys = await subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomSerial(),
    name: 'CN=Keyturn simulator CA',
    ...validity(),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const jwk = await subtle.exportKey('jwk', keys.privateKey);
  replaceFile(keyFile, JSON.stringify(jwk), { mode: 0o600 });
  replaceFile(caFile, certificate.toString('pem'));
  return { certificate, keys };
}

async function mintLeaf(authority: Authority, serverName: string): Promise<SecureContext> {
  const keys = await subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: randomSerial(),
    subject: `CN=${serverName}`,
    issuer: authority.certificate.subject,
    ...validity(),
    signingKey: authority.keys.privateKey,
    publicKey: keys.publicKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([SERVER_AUTH]),
      new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: serverName }]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(authority.certificate),
    ],
  });
  const key = Buffer.from(await subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return createSecureContext({
    cert: certificate.toString('pem'),
    key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`,
    minVersion: 'TLSv1.2',
  });
}

/** A little in the past, so that a client whose clock lags accepts it; real time, never simulated. */
function validity(): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - DAY), notAfter: new Date(now + LIFE_DAYS * DAY) };
}

/** A positive serial number: its first byte keeps the sign bit clear. */
function randomSerial(): string {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
  return `4${Buffer.from(bytes).toString('hex').slice(1)}`;
}
