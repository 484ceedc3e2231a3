/** Every code by which Keyturn refuses or explains, with its remedy. Clients may rely on the codes. */
export const refusalCodes = {
  invalid_request: {
    title: 'The request is not valid',
    remedy: 'Correct the fields that are named and send it again.',
  },
  idempotency_key_missing: {
    title: 'The Idempotency-Key header is missing',
    remedy: 'Send a unique Idempotency-Key; repeat it to repeat the same request.',
  },
  idempotency_key_reused: {
    title: 'The Idempotency-Key was used for another request',
    remedy: 'Send the new request under a new Idempotency-Key.',
  },
  unauthenticated: {
    title: 'A valid access token is needed',
    remedy: 'Get a token for the audience api://keyturn and send it as a bearer token.',
  },
  forbidden: {
    title: 'Your roles do not allow this',
    remedy: 'Ask an administrator for the role that is named, for this subscription.',
  },
  identity_unavailable: {
    title: 'The identity provider cannot be reached',
    remedy: 'Repeat the request after the time in Retry-After; the token may well be good.',
  },
  internal_error: {
    title: 'Something went wrong on our side',
    remedy:
      'Repeat the request with the same Idempotency-Key; if it stays so, report its requestId.',
  },
  not_found: { title: 'There is nothing here', remedy: 'Check the address.' },
  cluster_unknown: {
    title: 'Keyturn does not look after this cluster',
    remedy: 'Provision or adopt it.',
  },
  operation_unknown: { title: 'There is no such operation', remedy: 'Check the operation id.' },
  evidence_absent: {
    title: 'The ledger has no event of that',
    remedy: 'Check what was asked for; what is just happening is kept within seconds.',
  },
  evidence_too_long: {
    title: 'There are too many events to hand them out at once',
    remedy: 'Ask for the evidence of shorter periods.',
  },
  ledger_unavailable: {
    title: 'The ledger cannot be read',
    remedy: 'Repeat the request after the time in Retry-After.',
  },
  outcome_unknown: {
    title: 'Whether the request was accepted is not known',
    remedy: 'Repeat it with the same Idempotency-Key; it will not be done twice.',
  },
  engine_unavailable: {
    title: 'The workflow engine cannot be reached',
    remedy: 'Repeat the request with the same Idempotency-Key after the time in Retry-After.',
  },
  cluster_revoked: {
    title: 'Access to the key of the cluster is revoked',
    remedy: 'Recover the cluster first.',
  },
  cluster_busy: {
    title: 'Too many operations wait for this cluster',
    remedy: 'Wait until some of them have ended, or cancel some.',
  },
  not_waiting_for_that: {
    title: 'The operation does not wait for this',
    remedy: 'Read the operation; its state says what it waits for.',
  },
  plan_changed: {
    title: 'The plan is not the one that was named',
    remedy: 'Read the plan now in force and send its hash.',
  },
  cluster_missing: {
    title: 'There is no such cluster in Azure',
    remedy: 'Check subscription, resource group and name.',
  },
  cluster_exists: {
    title: 'The cluster exists already',
    remedy:
      'Nothing was changed. Choose another name, or ask with onExisting "adopt" to look after it as it is.',
  },
  name_reserved: {
    title: 'The cluster name is reserved by a deleted cluster',
    remedy: 'Choose another name, or ask with onNameReserved "wait" to wait for its release.',
  },
  region_mismatch: {
    title: 'Vault, cluster and workspaces must be in one region',
    remedy: 'Choose resources in the region of the cluster.',
  },
  tenant_mismatch: {
    title: 'Vault and cluster must be in one Entra tenant',
    remedy: 'Use a vault of the tenant of the cluster.',
  },
  vault_unusable: {
    title: 'The vault cannot be used as it is',
    remedy: 'Follow the reason that is given, or choose another vault.',
  },
  vault_deleted: {
    title: 'The vault is deleted',
    remedy: 'Recover it before it is purged; role assignments of it must be made again.',
  },
  vault_outage: {
    title: 'The vault does not answer',
    remedy: 'Wait: this is no denial, and storage goes on with the key that it has unwrapped.',
  },
  key_not_recoverable: {
    title: 'The vault is not recoverable',
    remedy: 'Turn on purge protection for the vault; this cannot be undone.',
  },
  key_missing: {
    title: 'There is no such key or key version',
    remedy: 'Check vault, name and version, or ask for source "generate".',
  },
  key_exists: {
    title: 'The key exists already',
    remedy: 'Ask for source "use" to use it, or choose another key name.',
  },
  key_unusable: {
    title: 'The key cannot wrap and unwrap for a cluster',
    remedy:
      'Use an enabled, unexpired RSA key of 2048, 3072 or 4096 bits that may wrap and unwrap.',
  },
  key_deleted: {
    title: 'The key is deleted',
    remedy: 'Recover it, with all its versions, before it is purged.',
  },
  version_not_bound: {
    title: 'The cluster is not bound to the key version that is wanted',
    remedy: 'Rotate the cluster to that version.',
  },
  version_in_use: {
    title: 'A cluster uses the key version',
    remedy: 'Rotate that cluster to another version first.',
  },
  last_version: {
    title: 'It is the only enabled version of the key',
    remedy: 'Make another version first, or retire every version of a key that nothing uses.',
  },
  import_unusable: {
    title: 'The file cannot be imported as a key',
    remedy:
      'Put an RSA private key (PEM or JWK) of 2048, 3072 or 4096 bits into the import folder of the worker.',
  },
  identity_missing: {
    title: 'There is no such managed identity',
    remedy: 'Check its resource id, or ask for a system-assigned identity.',
  },
  grant_inherited: {
    title: 'The grant of the cluster comes from elsewhere',
    remedy: 'Take the grants that are named away first.',
  },
  grant_missing: {
    title: 'The cluster has no grant',
    remedy: 'Inspect the cluster; its access is gone already.',
  },
  revoked_elsewhere: {
    title: 'The key was revoked for another cluster',
    remedy: 'Recover the cluster that is named; access of all comes back with it.',
  },
  versions_disabled: {
    title: 'No version of the key is enabled',
    remedy: 'Inspect the cluster; its access is gone already.',
  },
  workspace_missing: { title: 'There is no such workspace', remedy: 'Check its resource id.' },
  linked_elsewhere: {
    title: 'The workspace is linked to another cluster',
    remedy: 'Unlink it from there first; each link spends one of two in 30 days.',
  },
  link_budget_spent: {
    title: 'The workspace was linked too often lately',
    remedy: 'Wait until the older link is thirty days old.',
  },
  double_encryption_unsupported: {
    title: 'The region does not support double encryption',
    remedy:
      'Ask with doubleEncryption false, or choose another region. It cannot be changed later.',
  },
  quota_reached: {
    title: 'The region has no free cluster slot in this subscription',
    remedy: 'Wait for a deleted cluster to be released, or use another region or subscription.',
  },
  missing_permission: {
    title: 'Keyturn lacks a permission in Azure',
    remedy: 'Give the identity of Keyturn a role with the action that is named.',
  },
  step_failed: {
    title: 'A step cannot go on by itself',
    remedy: 'Read what was seen, mend the cause, then resume or cancel the operation.',
  },
} as const satisfies Record<string, { title: string; remedy: string }>;

export type RefusalCode = keyof typeof refusalCodes;

/** A refusal of the domain: what, why for this case, and the field it is about, if there is one. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly reason: string;
  readonly field?: string;
}
