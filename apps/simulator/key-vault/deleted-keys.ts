import type { Answer, Call } from '../route.ts';
import { findDeletedKey, findUsableKey, findVersion, keyUrl } from './key-documents.ts';
import type { DeletedKey } from './key-documents.ts';
import { deletedKeyNotFound, keyNotFound, purgeNotAllowed } from './key-faults.ts';
import { deleteKey, purgeKey, recoverKey } from './key-lifecycle.ts';
import { bundle, deletion, listed } from './key-view.ts';
import { page } from './paging.ts';
import type { KeyOperation } from './vault-door.ts';
import type { Vault } from './vault-documents.ts';

/** Deleting a key with all its versions, and what follows; transitions take a moment (R179). */
export const deletedKeyOperations: readonly KeyOperation[] = [
  {
    method: 'DELETE',
    path: '/keys/{name}',
    audit: 'KeyDelete',
    action: 'keys/delete',
    handle: remove,
  },
  {
    method: 'GET',
    path: '/deletedkeys',
    audit: 'KeyListDeleted',
    action: 'keys/read',
    permission: 'list',
    handle: list,
  },
  {
    method: 'GET',
    path: '/deletedkeys/{name}',
    audit: 'KeyGetDeleted',
    action: 'keys/read',
    handle: get,
  },
  {
    method: 'POST',
    path: '/deletedkeys/{name}/recover',
    audit: 'KeyRecover',
    action: 'keys/recover/action',
    handle: recover,
  },
  {
    method: 'DELETE',
    path: '/deletedkeys/{name}',
    audit: 'KeyPurge',
    action: 'keys/purge/action',
    handle: purge,
  },
];

function remove(call: Call, vault: Vault): Answer {
  const { name = '' } = call.params;
  const key = findUsableKey(call.tx, vault.name, name);
  const latest = key && findVersion(call.tx, key, '');
  if (key === undefined || latest === undefined) throw keyNotFound(name);
  const deleted = deleteKey(call.tx, vault, key);
  const body = bundle(vault, latest);
  return { status: 200, body: deleted ? { ...deletion(vault, deleted), ...body } : body };
}

function list(call: Call, vault: Vault): Answer {
  const entries = call.tx
    .list<DeletedKey>('deletedKeys')
    .filter(({ key }) => key.vault.toLowerCase() === vault.name.toLowerCase())
    .filter(({ visibleAt }) => visibleAt <= call.tx.now)
    .flatMap((deleted) => {
      const latest = findVersion(call.tx, deleted.key, '');
      if (latest === undefined) return [];
      const kid = keyUrl(vault, `/keys/${deleted.key.name}`);
      return [{ ...deletion(vault, deleted), ...listed(vault, latest, kid) }];
    });
  return { status: 200, body: page(call, entries) };
}

function get(call: Call, vault: Vault): Answer {
  const deleted = requireDeleted(call, vault);
  const latest = findVersion(call.tx, deleted.key, '');
  if (latest === undefined) throw deletedKeyNotFound(deleted.key.name);
  return { status: 200, body: { ...deletion(vault, deleted), ...bundle(vault, latest) } };
}

function recover(call: Call, vault: Vault): Answer {
  const deleted = requireDeleted(call, vault);
  const latest = findVersion(call.tx, deleted.key, '');
  if (latest === undefined) throw deletedKeyNotFound(deleted.key.name);
  recoverKey(call.tx, deleted);
  return { status: 200, body: bundle(vault, latest) };
}

/** Refused while purge protection holds the key (R28). */
function purge(call: Call, vault: Vault): Answer {
  const deleted = requireDeleted(call, vault);
  if (vault.enablePurgeProtection) throw purgeNotAllowed();
  purgeKey(call.tx, deleted);
  return { status: 204 };
}

function requireDeleted(call: Call, vault: Vault): DeletedKey {
  const { name = '' } = call.params;
  const deleted = findDeletedKey(call.tx, vault.name, name);
  if (deleted === undefined || deleted.visibleAt > call.tx.now) throw deletedKeyNotFound(name);
  return deleted;
}
