import { blocker, type Finding } from './findings.ts';
import type { RefusalCode } from './refusal-codes.ts';

/** What an error of the service means for work that met it. */
export type ErrorMeaning =
  /** Another operation of Azure runs on the resource: adopt it and wait. */
  | 'busy'
  /** The name of a deleted cluster is still held. */
  | 'name-reserved'
  /** The key could not be used: a fresh grant may still spread, or something is wrong with the key. */
  | 'key-not-validated'
  /** A rule of the service forbids it: final. */
  | 'refused';

interface ServiceError {
  readonly rule: string;
  readonly status: number;
  readonly pattern: RegExp;
  readonly meaning: ErrorMeaning;
  readonly code: RefusalCode;
  readonly cause: string;
  readonly remedy: string;
}

/**
 * The error messages of the cluster article, by rule number, with what they mean. Error codes on the wire
 * are not published, so status and words decide; the apostrophe of "doesn’t" comes in two forms.
 */
export const serviceErrors: readonly ServiceError[] = [
  {
    rule: 'R100',
    status: 400,
    pattern: /^Cluster name is not valid/u,
    meaning: 'refused',
    code: 'invalid_request',
    cause: 'the cluster name has a form the service does not accept',
    remedy: 'Choose a name of letters, digits and inner hyphens, 4 to 63 long.',
  },
  {
    rule: 'R101',
    status: 400,
    pattern: /^The body of the request is null or in bad format/u,
    meaning: 'refused',
    code: 'invalid_request',
    cause: 'the service could not read the request',
    remedy:
      'Report this with the request id: Keyturn sent something the service no longer accepts.',
  },
  {
    rule: 'R102-R106',
    status: 400,
    pattern: /^(SKU name is invalid|Capacity was provided|Missing Capacity|No SKU was set)/u,
    meaning: 'refused',
    code: 'invalid_request',
    cause: 'the service does not accept the commitment tier as sent',
    remedy: 'Choose one of the commitment tiers the service offers in this region.',
  },
  {
    rule: 'C17',
    status: 400,
    pattern: /^CapacityReservationLevel must be an allowed value/u,
    meaning: 'refused',
    code: 'invalid_request',
    cause: 'the service does not offer this commitment tier',
    remedy: 'Choose one of the commitment tiers the service offers in this region.',
  },
  {
    rule: 'R105',
    status: 400,
    pattern: /^Capacity is locked/u,
    meaning: 'refused',
    code: 'invalid_request',
    cause: 'the commitment cannot be lowered yet',
    remedy: 'Lower it after the lock has ended.',
  },
  {
    rule: 'R107-R108',
    status: 400,
    pattern: /^(Identity is null or empty|KeyVaultProperties are set on creation)/u,
    meaning: 'refused',
    code: 'invalid_request',
    cause: 'the service wants the identity at creation and the key afterwards',
    remedy:
      'Report this with the request id: Keyturn sent something the service no longer accepts.',
  },
  {
    rule: 'R109-R115',
    status: 400,
    pattern: /^(Operation cannot be executed now|Cluster is in deleting state)/u,
    meaning: 'busy',
    code: 'cluster_busy',
    cause: 'another operation of Azure runs on the cluster',
    remedy: 'Keyturn waits for it and looks again.',
  },
  {
    rule: 'R111',
    status: 400,
    pattern: /^KeyVaultProperties is not empty but has a bad format/u,
    meaning: 'refused',
    code: 'invalid_request',
    cause: 'the service could not read the key identifier',
    remedy: 'Check vault, key name and key version.',
  },
  {
    rule: 'R112',
    status: 400,
    pattern: /^Failed to validate key in Key Vault/u,
    meaning: 'key-not-validated',
    code: 'key_unusable',
    cause:
      'the cluster could not use the key: no permission, no such version, disabled, expired or unreachable',
    remedy:
      'Check that the key version is enabled and unexpired, and that the vault lets the cluster in.',
  },
  {
    rule: 'R113',
    status: 400,
    pattern: /^Key is not recoverable/u,
    meaning: 'refused',
    code: 'key_not_recoverable',
    cause: 'the vault has no purge protection',
    remedy: 'Turn on purge protection for the vault; this cannot be undone.',
  },
  {
    rule: 'R117',
    status: 409,
    pattern: /delete a cluster while in provisioning state/u,
    meaning: 'busy',
    code: 'cluster_busy',
    cause: 'the cluster is being created or changed',
    remedy: 'Keyturn waits for it and looks again.',
  },
  {
    rule: 'R118',
    status: 404,
    pattern: /^Workspace not found/u,
    meaning: 'refused',
    code: 'workspace_missing',
    cause: 'the workspace does not exist or was deleted',
    remedy: 'Check its resource id.',
  },
  {
    rule: 'R119',
    status: 409,
    pattern: /^Workspace link or unlink operation in process/u,
    meaning: 'busy',
    code: 'cluster_busy',
    cause: 'the workspace is being linked or unlinked',
    remedy: 'Keyturn waits for it and looks again.',
  },
  {
    rule: 'R120',
    status: 400,
    pattern: /^Cluster not found/u,
    meaning: 'refused',
    code: 'cluster_unknown',
    cause: 'the cluster was deleted meanwhile',
    remedy: 'Find out who deleted it; its name stays reserved for 14 days.',
  },
  {
    rule: 'R123',
    status: 400,
    pattern: /support Double Encryption for clusters/u,
    meaning: 'refused',
    code: 'double_encryption_unsupported',
    cause: 'the region does not support double encryption',
    remedy:
      'Ask with doubleEncryption false, or choose another region. It cannot be changed later.',
  },
  {
    rule: 'R72',
    status: 400,
    pattern: /linked to another cluster/iu,
    meaning: 'refused',
    code: 'linked_elsewhere',
    cause: 'the workspace is linked to another cluster',
    remedy: 'Unlink it from there first; each link spends one of two in 30 days.',
  },
];

/** The table's entry for an answer of the service, or undefined when the words are not known. */
export function knownError(status: number, message: string): ServiceError | undefined {
  return serviceErrors.find((error) => error.status === status && error.pattern.test(message));
}

/** A known error as a blocker about its target. */
export function blockerOf(error: ServiceError, target: string): Finding {
  return blocker(error.code, error.rule, { reason: error.cause, remedy: error.remedy, target });
}
