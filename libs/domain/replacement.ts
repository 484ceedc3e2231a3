import { formatClusterId, sameId, sameVaultUri, vaultUriOf, type VaultId } from './azure-ids.ts';
import { blocker, isBlocked, type Finding } from './findings.ts';
import { stepsToBind, stepsToKey, stepsToProof } from './key-plan.ts';
import type { ReplacementRequest } from './operation-request.ts';
import type { Plan } from './plan.ts';
import type { Circumstances, KeyFactsSeen, NeededRight } from './provision-facts.ts';
import { rightFindings } from './provision-identity-findings.ts';
import { keyFindings } from './provision-key-findings.ts';

/** A cluster whose key is to be replaced, as Azure shows it. */
export interface ClusterToReplace {
  readonly id: string;
  readonly region: string;
  readonly identityType: string;
  readonly principalId?: string;
  /** The key in use; absent when there is none. */
  readonly key?: {
    readonly vaultUri: string;
    readonly name: string;
    /** Resource id of its vault; absent when that is not among those that Keyturn may read. */
    readonly vaultId?: string;
  };
}

/** What is read before a replacement is planned: the other key is read as for a new cluster. */
export interface ReplacementFacts extends KeyFactsSeen {
  /** Absent when there is no such cluster. */
  readonly cluster?: ClusterToReplace;
  /** Whether the identity of the cluster may use the other key already. */
  readonly isGranted: boolean;
  readonly missingRights: readonly NeededRight[];
}

/** Whom the other key is for, and what becomes of the one before. */
export interface Replacement {
  readonly region: string;
  readonly principalId: string;
  /** The key that is left, where its vault could be found. */
  readonly left?: { readonly vaultId: string; readonly name: string };
}

export interface ReplacementPlan {
  readonly plan: Omit<Plan, 'hash'>;
  /** Absent when the plan is blocked. */
  readonly replacement?: Replacement;
}

type Given = Pick<Circumstances, 'rules' | 'now' | 'operationId' | 'begun'> & {
  /** The vault of the other key. */
  readonly vault: VaultId;
};

/**
 * The plan of a replacement: another key, or another vault, for a cluster whose key is not to be trusted any more.
 * What is stored stays readable, for only its wrapping changes (R97); nobody is locked out, as by a revocation.
 */
export function planReplacement(
  request: ReplacementRequest,
  facts: ReplacementFacts,
  given: Given,
): ReplacementPlan {
  const { cluster, key } = request;
  const target = formatClusterId(cluster);
  const base = { cost: {}, losses: [], rulePack: given.rules.name };
  const before = facts.cluster;
  if (before === undefined) {
    const finding = blocker('cluster_missing', 'R116', {
      reason: 'there is no such cluster',
      target,
    });
    return { plan: { ...base, steps: [], findings: [finding] } };
  }
  const { region, principalId, identityType } = before;
  const type = /user/iu.test(identityType) ? 'UserAssigned' : 'SystemAssigned';
  const question = { cluster, region, key, identity: { type } } as const;
  const findings = [
    ...clusterFindings(request, before, given),
    ...keyFindings(question, facts, { ...given, probes: false }).map(asRefusal),
    ...sizeFindings(request, given),
    ...rightFindings(facts.missingRights),
    noLockout(target),
    ...(before.key !== undefined && before.key.vaultId === undefined
      ? [oldKeyUnseen(before.key.vaultUri, target)]
      : []),
  ];
  const { begun } = given;
  const plan = {
    ...base,
    steps: [
      ...stepsToKey(request, facts.vault, begun),
      ...stepsToBind(request, facts.isGranted, begun),
      ...stepsToProof(target, request.soakMs),
    ],
    findings,
  };
  if (isBlocked(findings) || principalId === undefined) return { plan };
  const { vaultId, name = '' } = before.key ?? {};
  const left = vaultId === undefined ? {} : { left: { vaultId, name } };
  return { plan, replacement: { region, principalId, ...left } };
}

/** Whether two keys are the same one. */
function isSameKey(
  { name, vaultUri }: NonNullable<ClusterToReplace['key']>,
  other: { readonly name: string; readonly vault: VaultId },
): boolean {
  return sameVaultUri(vaultUri, vaultUriOf(other.vault)) && sameId(name, other.name);
}

function clusterFindings(
  { key }: ReplacementRequest,
  { id: target, key: used, principalId, identityType }: ClusterToReplace,
  { begun, vault }: Given,
): Finding[] {
  const findings: Finding[] = [];
  if (principalId === undefined) {
    const reason = `the cluster has no identity (${identityType}) that could use a key`;
    const remedy = 'Open a support case with Microsoft: after None only they can set one again.';
    findings.push(blocker('identity_missing', 'R64', { reason, target, remedy }));
  }
  if (used === undefined) {
    const reason = 'the cluster has no key of yours that could be replaced';
    const remedy = 'Bind a key to the cluster first.';
    findings.push(blocker('key_missing', 'R94', { reason, target, remedy }));
  }
  // Once it is bound, the other key is the one in use.
  const isBound = begun['bind'] !== undefined;
  if (!isBound && used !== undefined && isSameKey(used, { name: key.name, vault })) {
    const reason = 'this is the key that is to be replaced';
    const remedy = 'Name another key or another vault, or rotate this key to a new version.';
    const same = `${key.vaultId}/keys/${key.name}`;
    findings.push(blocker('key_unusable', 'R53', { reason, target: same, remedy }));
  }
  return findings;
}

/** A vault that could be emptied for good is no way out of a compromise; making it recoverable is for ever. */
function asRefusal(finding: Finding): Finding {
  if (finding.code !== 'purge_protection') return finding;
  const reason = 'the vault is not recoverable';
  return blocker('key_not_recoverable', 'R113', { reason, target: finding.target ?? '' });
}

function sizeFindings({ key }: ReplacementRequest, { rules }: Given): Finding[] {
  if (key.source !== 'generate' || rules.rsaKeyBits.includes(key.sizeBits)) return [];
  const reason = `${key.sizeBits} bits cannot protect a cluster`;
  return [blocker('key_unusable', 'R29', { reason, target: `${key.vaultId}/keys/${key.name}` })];
}

const noLockout = (target: string): Finding => ({
  code: 'no_lockout',
  severity: 'info',
  rule: 'R97',
  reason: 'what is stored stays readable: only its wrapping changes, and nobody is locked out',
  remedy: 'To cut off all access at once, revoke the cluster instead.',
  target,
});

const oldKeyUnseen = (vaultUri: string, target: string): Finding => ({
  code: 'old_key_unseen',
  severity: 'warning',
  rule: 'R96',
  reason: `the vault ${vaultUri} of the key in use is not among those that Keyturn may read`,
  remedy: 'Disable the versions of the old key yourself when nothing uses them any more.',
  target,
});
