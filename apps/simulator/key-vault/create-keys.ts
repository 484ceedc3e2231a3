import type { JsonWebKey } from 'node:crypto';
import type { Answer, Call } from '../route.ts';
import type { Transaction } from '../store.ts';
import {
  keyBodyShape,
  readAttributes,
  readKeyBody,
  readOperations,
  requireKeyName,
} from './key-body.ts';
import type { KeyBody } from './key-body.ts';
import { makeEcKey, makeRsaKey, readRsaKey } from './key-crypto.ts';
import { findDeletedKey, findKey, findUsableKey, findVersion } from './key-documents.ts';
import {
  badParameter,
  beingDeleted,
  beingRecovered,
  deletedButRecoverable,
  keyNotFound,
} from './key-faults.ts';
import { addVersion, crvOf, successorOf } from './key-lifecycle.ts';
import type { NewVersion } from './key-lifecycle.ts';
import { bundle } from './key-view.ts';
import type { KeyOperation } from './vault-door.ts';
import type { Vault } from './vault-documents.ts';

const sizes = [2048, 3072, 4096];

/** What makes a new version: create, import and rotate. None of them may be repeated blindly (5.5). */
export const createOperations: readonly KeyOperation[] = [
  {
    method: 'POST',
    path: '/keys/{name}/create',
    audit: 'KeyCreate',
    action: 'keys/create/action',
    body: keyBodyShape,
    handle: create,
  },
  {
    method: 'POST',
    path: '/keys/{name}/rotate',
    audit: 'KeyRotate',
    action: 'keys/rotate/action',
    handle: rotate,
  },
  {
    method: 'PUT',
    path: '/keys/{name}',
    audit: 'KeyImport',
    action: 'keys/import/action',
    body: keyBodyShape,
    handle: importKey,
  },
];

async function create(call: Call, vault: Vault): Promise<Answer> {
  const { name = '' } = call.params;
  requireKeyName(name);
  const body = readKeyBody(call);
  const kty = readKty(body.kty, vault);
  refuseHeldName(call.tx, vault, name);
  const version = describe(body, kty, body.key_ops);
  const isCurve = kty.startsWith('EC');
  const bits = isCurve ? 0 : readSize(body.key_size);
  const jwk = isCurve ? await makeEcKey(body.crv ?? 'P-256') : await makeRsaKey(bits);
  if (jwk === undefined) throw badParameter(`Property crv has an invalid value: ${body.crv ?? ''}`);
  return answer(call, vault, { version: { ...version, bits }, jwk });
}

function importKey(call: Call, vault: Vault): Answer {
  const { name = '' } = call.params;
  requireKeyName(name);
  const body = readKeyBody(call);
  const asked = body.Hsm === true && body.key?.kty === 'RSA' ? 'RSA-HSM' : body.key?.kty;
  const kty = readKty(asked, vault);
  const read = kty.startsWith('RSA') ? readRsaKey(body.key as JsonWebKey) : undefined;
  if (read === undefined) {
    throw badParameter('Property key is not an RSA private key that can be imported.');
  }
  readSize(read.bits);
  refuseHeldName(call.tx, vault, name);
  const version = describe(body, kty, body.key?.key_ops ?? body.key_ops);
  return answer(call, vault, { version: { ...version, bits: read.bits }, jwk: read.jwk });
}

async function rotate(call: Call, vault: Vault): Promise<Answer> {
  const { name = '' } = call.params;
  const key = findUsableKey(call.tx, vault.name, name);
  const latest = key && findVersion(call.tx, key, '');
  if (key === undefined || latest === undefined) throw keyNotFound(name);
  const { crv } = crvOf(latest);
  const jwk = crv === undefined ? await makeRsaKey(latest.bits) : await makeEcKey(crv);
  if (jwk === undefined) throw badParameter(`Property crv has an invalid value: ${crv ?? ''}`);
  return answer(call, vault, { version: successorOf(call.tx, key, latest), jwk });
}

function answer(call: Call, vault: Vault, made: { version: NewVersion; jwk: JsonWebKey }): Answer {
  const id = { vault: vault.name, name: call.params.name ?? '' };
  return { status: 200, body: bundle(vault, addVersion(call.tx, id, made)) };
}

function describe(body: KeyBody, kty: string, keyOps: string[] | undefined) {
  return {
    kty,
    keyOps: readOperations(keyOps, kty),
    enabled: true,
    ...readAttributes(body),
    ...(body.tags && { tags: body.tags }),
  };
}

/** Vaults keep RSA and EC; hardware keys only where the vault is premium. */
function readKty(kty: string | undefined, vault: Vault): string {
  const wanted = kty?.toUpperCase() ?? '';
  if (!['RSA', 'RSA-HSM', 'EC', 'EC-HSM'].includes(wanted)) {
    throw badParameter(`Property kty has an invalid value: ${kty ?? ''}`);
  }
  if (wanted.endsWith('-HSM') && vault.sku.name !== 'premium') {
    throw badParameter('Hardware key operation not allowed on standard vault');
  }
  return wanted;
}

function readSize(size: number | undefined): number {
  if (size === undefined) return 2048;
  if (sizes.includes(size)) return size;
  throw badParameter(
    `Key size is not supported: ${size}. Supported sizes are 2048, 3072 and 4096.`,
  );
}

/** A name stays taken while its key is deleted, being deleted or being recovered (4.5). */
function refuseHeldName(tx: Transaction, vault: Vault, name: string): void {
  const deleted = findDeletedKey(tx, vault.name, name);
  if (deleted !== undefined) {
    throw deleted.visibleAt <= tx.now ? deletedButRecoverable(name) : beingDeleted(name);
  }
  const key = findKey(tx, vault.name, name);
  if (key !== undefined && key.usableFrom > tx.now) throw beingRecovered(name);
}
