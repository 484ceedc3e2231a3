import { formatClusterId } from './azure-ids.ts';
import { keyCauses, vaultCauses, type KeyAccessFacts } from './diagnose.ts';
import { blocker, type Finding } from './findings.ts';
import { chooseVersion, isRecoverable } from './key-state.ts';
import type { Circumstances, KeyFactsSeen, KeyVersionSeen, VaultSeen } from './provision-facts.ts';
import type { KeyQuestion } from './provision-request.ts';

/** What is worth knowing about vault and key before a cluster is bound to them. */
export function keyFindings(
  request: KeyQuestion,
  facts: KeyFactsSeen,
  circumstances: Circumstances,
): Finding[] {
  const { vaultId, name, source } = request.key;
  const access = accessWanted(request, facts, circumstances.now);
  if (facts.vault !== undefined) {
    return [
      ...vaultCauses(access),
      ...protectionFindings(facts.vault),
      ...importFindings(request, facts, circumstances),
      ...(facts.keyVersions === undefined
        ? []
        : versionFindings(access, { request, versions: facts.keyVersions, circumstances })),
      ...faultFindings(access, facts),
    ];
  }
  if (facts.deletedVault !== undefined) return vaultCauses(access);
  if (source !== 'use') return importFindings(request, facts, circumstances);
  return [
    blocker('key_missing', 'R59', {
      reason: `there is no vault that could hold the key ${name}`,
      target: vaultId,
    }),
  ];
}

/** A key that no cluster can use, whatever stands in the way to it (R29). */
function faultFindings(access: KeyAccessFacts, { keyFault }: KeyFactsSeen): Finding[] {
  if (keyFault === undefined || keyCauses(access).length > 0) return [];
  return [blocker('key_unusable', 'R29', { reason: keyFault, target: access.keyId })];
}

/** The facts that the causes of a failed bind are found in, of a cluster that is still to be. */
function accessWanted(
  { cluster, region, identity, key }: KeyQuestion,
  { tenantId, vault, deletedVault, deletedKey, keyVersions = [] }: KeyFactsSeen,
  now: number,
): KeyAccessFacts {
  const version = chooseVersion(keyVersions, key.version);
  return {
    cluster: { id: formatClusterId(cluster), region, tenantId, identityType: identity.type },
    vaultId: key.vaultId,
    ...(vault === undefined ? {} : { vault }),
    ...(deletedVault === undefined ? {} : { deletedVault }),
    keyId: version?.kid ?? `${key.vaultId}/keys/${key.name}`,
    ...(version === undefined ? {} : { version }),
    ...(deletedKey === undefined ? {} : { deletedKey }),
    hasOtherVersions: keyVersions.length > 0,
    missingGrants: [],
    now,
  };
}

function protectionFindings(vault: VaultSeen): Finding[] {
  if (isRecoverable(vault)) return [];
  return [
    {
      code: 'purge_protection',
      severity: 'warning',
      rule: 'R26',
      reason: `the vault has ${vault.softDelete ? 'no purge protection' : 'no soft delete'}; it is switched on, which cannot be undone`,
      remedy: 'A second person approves it, or choose another vault.',
      target: vault.id,
    },
  ];
}

function importFindings(
  { key }: KeyQuestion,
  { importFile }: KeyFactsSeen,
  { begun }: Circumstances,
): Finding[] {
  // Once the key step has begun the file has done its service and may be gone.
  if (importFile?.fault === undefined || begun['key'] !== undefined) return [];
  const { fault: reason } = importFile;
  return [blocker('import_unusable', 'R29', { reason, target: key.importFrom ?? '' })];
}

function versionFindings(
  access: KeyAccessFacts,
  given: {
    readonly request: KeyQuestion;
    readonly versions: readonly KeyVersionSeen[];
    readonly circumstances: Circumstances;
  },
): Finding[] {
  const { request, versions, circumstances } = given;
  const { name, source, vaultId } = request.key;
  if (source === 'use' || access.deletedKey !== undefined) return keyCauses(access);
  const foreign = versions.some((seen) => seen.madeBy !== circumstances.operationId);
  if (!foreign) return [];
  const target = `${vaultId}/keys/${name}`;
  return [
    blocker('key_exists', 'R25', { reason: `the vault holds a key ${name} already`, target }),
  ];
}
