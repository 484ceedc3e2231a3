import type { Answer, Call } from '../route.ts';
import { isSwitchedOn } from '../settings.ts';
import { settleAccess } from '../storage/access.ts';
import { keyBodyShape, readAttributes, readKeyBody, readOperations } from './key-body.ts';
import { findUsableKey, findVersion, keyUrl, kidOf, saveVersion } from './key-documents.ts';
import type { KeyRecord, KeyVersion } from './key-documents.ts';
import { keyDisabled, keyNotFound } from './key-faults.ts';
import { keysOf, planRotation } from './key-lifecycle.ts';
import { bundle, listed } from './key-view.ts';
import { page } from './paging.ts';
import type { KeyOperation } from './vault-door.ts';
import type { Vault } from './vault-documents.ts';

const read = { audit: 'KeyGet', action: 'keys/read', handle: get };
const write = { audit: 'KeyUpdate', action: 'keys/update/action', handle: update };

/** Reading keys and changing the attributes of a version; without a version the latest is meant. */
export const readOperationsOfKeys: readonly KeyOperation[] = [
  {
    method: 'GET',
    path: '/keys',
    audit: 'KeyList',
    action: 'keys/read',
    permission: 'list',
    handle: list,
  },
  {
    method: 'GET',
    path: '/keys/{name}/versions',
    audit: 'KeyListVersions',
    action: 'keys/read',
    permission: 'list',
    handle: listVersions,
  },
  { method: 'GET', path: '/keys/{name}', ...read },
  { method: 'GET', path: '/keys/{name}/{version}', ...read },
  { method: 'PATCH', path: '/keys/{name}', body: keyBodyShape, ...write },
  { method: 'PATCH', path: '/keys/{name}/{version}', body: keyBodyShape, ...write },
];

/** The key and version a path names. Throws KeyNotFound. */
export function requireVersion(call: Call, vault: Vault): { key: KeyRecord; version: KeyVersion } {
  const { name = '', version = '' } = call.params;
  const key = findUsableKey(call.tx, vault.name, name);
  const found = key && findVersion(call.tx, key, version.toLowerCase());
  if (key === undefined || found === undefined) {
    throw keyNotFound(version === '' ? name : `${name}/${version}`);
  }
  return { key, version: found };
}

/** A disabled version is shown to those who may read it, unless a switch says otherwise (4.2). */
function get(call: Call, vault: Vault): Answer {
  const { version } = requireVersion(call, vault);
  if (!version.enabled && isSwitchedOn(call.tx, 'disabled-keys-hidden')) throw keyDisabled('get');
  return { status: 200, body: bundle(vault, version) };
}

function list(call: Call, vault: Vault): Answer {
  const entries = keysOf(call.tx, vault.name)
    .filter((key) => key.usableFrom <= call.tx.now)
    .flatMap((key) => {
      const latest = findVersion(call.tx, key, '');
      return latest ? [listed(vault, latest, keyUrl(vault, `/keys/${key.name}`))] : [];
    });
  return { status: 200, body: page(call, entries) };
}

/** The service answers an unknown key with an empty list here. */
function listVersions(call: Call, vault: Vault): Answer {
  const key = findUsableKey(call.tx, vault.name, call.params.name ?? '');
  const entries = (key?.versions ?? []).flatMap((id) => {
    const version = key && findVersion(call.tx, key, id);
    return version ? [listed(vault, version, kidOf(version))] : [];
  });
  return { status: 200, body: page(call, entries) };
}

function update(call: Call, vault: Vault): Answer {
  const { tx } = call;
  const { key, version } = requireVersion(call, vault);
  const body = readKeyBody(call);
  const changed: KeyVersion = {
    ...version,
    ...readAttributes(body),
    ...(body.key_ops && { keyOps: readOperations(body.key_ops, version.kty) }),
    ...(body.tags && { tags: body.tags }),
    updatedAt: tx.now,
  };
  saveVersion(tx, changed);
  planRotation(tx, key);
  settleAccess(tx);
  tx.note(changed.enabled === version.enabled ? 'key version changed' : switched(changed));
  return { status: 200, body: bundle(vault, changed) };
}

function switched({ enabled }: KeyVersion): string {
  return enabled ? 'key version enabled' : 'key version disabled';
}
