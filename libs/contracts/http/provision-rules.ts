import type { KeyRequest, ProvisionRequest } from '#libs/domain/provision-request.ts';
import type { ServiceRules } from '#libs/domain/service-rules.ts';
import { provisionBody, provisionGuides } from './provision-body.ts';
import type { ProvisionBody } from './provision-body.ts';
import type { FieldProblem } from './problem.ts';
import type { Reading } from './reading.ts';
import { readBy } from './reading.ts';

/**
 * RSA 3072 is the smallest size with the strength of 128 bits; 4096 would make each of the unwraps,
 * which every storage account repeats within a minute (R154), about twice as dear for nothing here.
 */
const defaultSizeBits = 3072;

/**
 * Reads a provision request: its form, and what the rules of the service say about its values, every
 * problem at once. Values that are well-formed are judged even when others are not.
 */
export function readProvisionRequest(raw: unknown, rules: ServiceRules): Reading<ProvisionRequest> {
  const form = readBy(provisionBody, raw, provisionGuides);
  const refused = checkRules(form.ok ? form.value : wellFormedPart(raw), rules);
  if (form.ok && refused.length === 0) return { ok: true, value: toProvisionRequest(form.value) };
  const problems = [...(form.ok ? [] : form.problems), ...refused];
  return { ok: false, malformed: !form.ok, problems };
}

/** The request as the domain knows it, every default written out. */
export function toProvisionRequest(body: ProvisionBody): ProvisionRequest {
  const { cluster, key, acceptPlan } = body;
  return {
    cluster,
    region: body.region,
    capacityGbPerDay: body.capacityGbPerDay,
    billingType: body.billingType,
    identity: toIdentityRequest(body.identity),
    doubleEncryption: body.doubleEncryption,
    key: toKeyRequest(key),
    workspaces: body.workspaces,
    onNameReserved: body.onNameReserved,
    onExisting: body.onExisting,
    ...(body.onNewVersion !== undefined && { onNewVersion: body.onNewVersion }),
    tags: body.tags,
    planOnly: body.planOnly,
    ...(acceptPlan !== undefined && { acceptPlan }),
  };
}

/** The key as the domain knows it. */
export function toKeyRequest({
  source,
  sizeBits,
  version,
  ...key
}: ProvisionBody['key']): KeyRequest {
  return {
    ...key,
    ...(typeof source === 'object' ? { source: 'import', ...source } : { source }),
    sizeBits: sizeBits ?? defaultSizeBits,
    ...(version !== undefined && { version: version.toLowerCase() }),
  };
}

function toIdentityRequest(identity: ProvisionBody['identity']): ProvisionRequest['identity'] {
  const id = identity?.userAssignedIdentityId;
  return id === undefined ? { type: 'SystemAssigned' } : { type: 'UserAssigned', id };
}

type Part = Omit<Partial<ProvisionBody>, 'cluster' | 'key'> & {
  cluster?: Partial<ProvisionBody['cluster']>;
  key?: Partial<ProvisionBody['key']>;
};

function wellFormedPart(raw: unknown): Part {
  const { cluster, key, ...rest } = provisionBody.shape;
  return {
    ...pick(rest, raw),
    cluster: pick(cluster.shape, memberOf(raw, 'cluster')),
    key: pick(key.shape, memberOf(raw, 'key')),
  };
}

interface Readable {
  safeParse(value: unknown): { readonly success: boolean; readonly data?: unknown };
}

function pick(shape: Readonly<Record<string, Readable>>, raw: unknown): object {
  const entries = Object.entries(shape).flatMap(([name, schema]) => {
    const read = schema.safeParse(memberOf(raw, name));
    return read.success && read.data !== undefined ? [[name, read.data] as const] : [];
  });
  return Object.fromEntries(entries);
}

function memberOf(raw: unknown, name: string): unknown {
  if (typeof raw !== 'object' || raw === null || !Object.hasOwn(raw, name)) return undefined;
  return (raw as Readonly<Record<string, unknown>>)[name];
}

function checkRules(part: Part, rules: ServiceRules): FieldProblem[] {
  return [
    ...checkName(part.cluster?.name, rules),
    ...checkCapacity(part.capacityGbPerDay, rules),
    ...checkIdentity(part.identity, rules),
    ...checkKey(part.key ?? {}, rules),
    ...checkWorkspaces(part.workspaces ?? [], rules),
  ];
}

function checkName(name: string | undefined, rules: ServiceRules): FieldProblem[] {
  if (name === undefined) return [];
  const { pattern, minimum, maximum } = rules.clusterName;
  const isAllowed =
    name.length >= minimum && name.length <= maximum && new RegExp(pattern, 'u').test(name);
  if (isAllowed) return [];
  const message = `must be ${minimum} to ${maximum} letters, digits or inner hyphens`;
  return [refuse('cluster.name', message)];
}

function checkIdentity(identity: Part['identity'], rules: ServiceRules): FieldProblem[] {
  if (identity === undefined) return [];
  const { type, userAssignedIdentityId: id } = identity;
  if (type === 'UserAssigned' && !rules.userAssignedAtCreation) {
    const message = `the rules of ${rules.name} make clusters with an identity of their own only`;
    return [{ ...refuse('identity.type', message), remedy: 'Leave identity out.' }];
  }
  if ((type === 'UserAssigned') === (id !== undefined)) return [];
  const message =
    id === undefined
      ? 'is missing; a user-assigned identity has to be named'
      : 'a system-assigned identity has no id to be named';
  return [refuse('identity.userAssignedIdentityId', message)];
}

function checkCapacity(capacity: number | undefined, rules: ServiceRules): FieldProblem[] {
  const tiers = rules.capacityTiersGbPerDay;
  // Newer rule packs only warn, in the plan: Azure adds tiers before lists of them are renewed (R167).
  if (capacity === undefined || !rules.refusesUnknownTier || tiers.includes(capacity)) return [];
  const message = `${capacity} is no commitment tier of the rules of ${rules.name}`;
  return [{ ...refuse('capacityGbPerDay', message), remedy: `Choose ${oneOf(tiers)}.` }];
}

/** What the rules of the service say against a key that is asked for. */
export function checkKey(key: Partial<ProvisionBody['key']>, rules: ServiceRules): FieldProblem[] {
  const { mode, source, sizeBits, version } = key;
  const problems: FieldProblem[] = [];
  if (sizeBits !== undefined && !rules.rsaKeyBits.includes(sizeBits)) {
    const remedy = `Choose ${oneOf(rules.rsaKeyBits)}.`;
    problems.push({
      ...refuse('key.sizeBits', `${sizeBits} bits cannot protect a cluster`),
      remedy,
    });
  }
  if (sizeBits !== undefined && source !== undefined && source !== 'generate') {
    const remedy = 'Leave it out, or ask for source "generate".';
    problems.push({ ...refuse('key.sizeBits', 'an existing key has its size'), remedy });
  }
  if (version !== undefined && source !== undefined && source !== 'use') {
    const remedy = 'Leave it out, or ask for source "use".';
    problems.push({ ...refuse('key.version', 'a key to be made has no version yet'), remedy });
  }
  if (version !== undefined && mode === 'automatic') {
    const remedy = 'Leave it out, or ask for mode "explicit".';
    const message = 'automatic mode follows the latest version';
    problems.push({ ...refuse('key.version', message), rule: 'R93', remedy });
  }
  return problems;
}

function checkWorkspaces(workspaces: readonly string[], rules: ServiceRules): FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (workspaces.length > rules.workspacesPerCluster) {
    const message = `a cluster takes at most ${rules.workspacesPerCluster} workspaces`;
    const remedy = 'Spread the workspaces over several clusters.';
    problems.push({ field: 'workspaces', rule: 'R70', message, remedy });
  }
  const seen = new Set<string>();
  for (const [index, workspace] of workspaces.entries()) {
    if (seen.has(workspace.toLowerCase())) {
      const message = 'names a workspace for the second time; case does not count';
      problems.push({
        field: `workspaces[${index}]`,
        rule: 'R174',
        message,
        remedy: 'Name each workspace once.',
      });
    }
    seen.add(workspace.toLowerCase());
  }
  return problems;
}

const refuse = (field: string, message: string): FieldProblem => ({
  field,
  message,
  ...(provisionGuides[field] ?? { remedy: 'Correct the value.' }),
});

const oneOf = (numbers: readonly number[]): string => numbers.map(String).join(', ');
