import { keepsOut } from './denial.ts';
import type { DomainEvent, Fact, OperationKind, Purge } from './events.ts';
import { fact } from './events.ts';
import type { Finding } from './findings.ts';
import type { Person } from './person.ts';
import type { NewVersionPolicy, OperationRequest } from './operation-request.ts';
import type { Refusal } from './refusal-codes.ts';

/** What Keyturn knows of a cluster: the fold of its facts, and the public card in its entity's memo. */
export interface Cluster {
  /** Resource id in the form of the first request. */
  readonly id: string;
  readonly state: 'absent' | 'provisioning' | 'unprotected' | 'protected' | 'revoked' | 'deleted';
  readonly region?: string;
  readonly capacityGbPerDay?: number;
  /** Whether its storage is encrypted twice; for good (R41). */
  readonly doubleEncryption?: boolean;
  readonly principalId?: string;
  readonly key?: {
    readonly kid: string;
    readonly mode: 'explicit' | 'automatic';
    readonly boundAt: string;
  };
  /** What happens when a version appears in the vault; absent, it is reported. */
  readonly onNewVersion?: NewVersionPolicy;
  /** When its access to the key was taken away, while it is. */
  readonly revokedAt?: string;
  readonly linkedWorkspaces: number;
  /** Running operations, oldest first. */
  readonly operations: readonly { readonly id: string; readonly kind: OperationKind }[];
  /** The five gravest findings and how many there are. */
  readonly findings: { readonly top: readonly Finding[]; readonly count: number };
  /** What operations wait for, one of each, and when what was deleted is purged; the next first. */
  readonly deadlines: readonly Deadline[];
  readonly seq: number;
}

/** An instant that an operation waits for, or at which something is lost for good. */
export interface Deadline {
  /** Absent where no operation waits for it, and in what earlier releases wrote. */
  readonly operationId?: string;
  readonly reason: string;
  /** ISO 8601. */
  readonly at: string;
}

/** Wishes of how a cluster is looked after, of one who may have them. */
export interface ChangePolicy {
  readonly type: 'ChangePolicy';
  readonly onNewVersion: NewVersionPolicy;
  readonly by: Person;
}

export interface RequestOperation {
  readonly type: 'RequestOperation';
  readonly kind: OperationKind;
  readonly request: OperationRequest;
  readonly requestedBy: Person;
}

/** Operations that may be open on one cluster at once: a bound, not a limit of Azure. */
export const openOperationsLimit = 50;

/** A cluster nothing is known of. */
export const unknownCluster = (id: string): Cluster => ({
  id,
  state: 'absent',
  linkedWorkspaces: 0,
  operations: [],
  findings: { top: [], count: 0 },
  deadlines: [],
  seq: 0,
});

/** Operations that cannot undo a revocation unasked. */
const goOnWhenRevoked: readonly OperationKind[] = ['inspect', 'adopt', 'revoke', 'recover'];

/** What a command makes happen to the cluster, or why it may not. */
export function decide(
  cluster: Cluster,
  command: RequestOperation | ChangePolicy,
): readonly Fact[] | Refusal {
  if (command.type === 'ChangePolicy') return decidePolicy(cluster, command);
  if (cluster.operations.length >= openOperationsLimit) {
    return {
      code: 'cluster_busy',
      reason: `${openOperationsLimit} operations are open on this cluster`,
    };
  }
  const { kind, request, requestedBy } = command;
  if (kind !== 'provision' && kind !== 'adopt' && cluster.state === 'absent') {
    return { code: 'cluster_unknown', reason: `nothing is known of ${cluster.id}` };
  }
  if (cluster.state === 'revoked' && !goOnWhenRevoked.includes(kind)) {
    const reason = `access to its key was revoked at ${cluster.revokedAt}`;
    return { code: 'cluster_revoked', reason };
  }
  return [fact('OperationRequested', { kind, request, requestedBy })];
}

/** UTF-8 bytes that a card may take in a workflow's memo. */
export const cardLimit = 4_096;

/**
 * The cluster as its entity shows it: of what can grow without end as much as fits, the gravest findings, the
 * next deadlines and the oldest operations. At least the next deadline is told.
 */
export function cardOf(cluster: Cluster): Cluster {
  const { findings, deadlines, operations } = cluster;
  const shown = {
    ...cluster,
    findings: { ...findings, top: [...findings.top] },
    deadlines: deadlines.slice(0, 10),
    operations: [...operations],
  };
  while (bytesOf(shown) > cardLimit) {
    if (shown.deadlines.length > 5) shown.deadlines.pop();
    else if (shown.findings.top.length > 0) shown.findings.top.pop();
    else if (shown.deadlines.length > 1) shown.deadlines.pop();
    else if (shown.operations.length > 0) shown.operations.pop();
    else break;
  }
  return shown;
}

const bytesOf = (value: object): number => new TextEncoder().encode(JSON.stringify(value)).length;

function decidePolicy(
  { id, state, onNewVersion: known = 'report' }: Cluster,
  { onNewVersion, by }: ChangePolicy,
): readonly Fact[] | Refusal {
  if (state === 'absent') return { code: 'cluster_unknown', reason: `nothing is known of ${id}` };
  return onNewVersion === known ? [] : [fact('PolicyChanged', { onNewVersion, by })];
}

/** Folds one event into the cluster. */
export function evolve(cluster: Cluster, event: DomainEvent): Cluster {
  return { ...applyEvent(cluster, event), seq: event.seq };
}

function applyEvent(cluster: Cluster, event: DomainEvent): Cluster {
  switch (event.type) {
    case 'OperationRequested': {
      const { operationId } = event;
      if (operationId === undefined) return cluster;
      return {
        ...cluster,
        state:
          cluster.state === 'absent' && event.data.kind === 'provision'
            ? 'provisioning'
            : cluster.state,
        operations: [...cluster.operations, { id: operationId, kind: event.data.kind }],
        ...policyOf(event.data.request),
      };
    }
    case 'PolicyChanged':
      return { ...cluster, onNewVersion: event.data.onNewVersion };
    case 'OperationEnded':
      return endOperation(cluster, event.operationId);
    case 'ClusterCreated': {
      const { clusterId: _, ...made } = event.data;
      return { ...cluster, state: unlessRevoked(cluster, 'unprotected'), ...made };
    }
    case 'ClusterSeen':
      return evolveSeen(cluster, event);
    case 'AccessLost':
      return { ...cluster, state: 'revoked', revokedAt: event.at };
    case 'AccessReturned': {
      const { revokedAt: _, ...returned } = cluster;
      return { ...returned, state: 'protected', deadlines: withPurge(cluster, undefined) };
    }
    case 'KeyVersionBound': {
      const { kid, mode } = event.data;
      const state = unlessRevoked(cluster, 'protected');
      return { ...cluster, state, key: { kid, mode, boundAt: event.at } };
    }
    case 'WorkspaceLinked':
      return { ...cluster, linkedWorkspaces: cluster.linkedWorkspaces + 1 };
    case 'WaitStarted': {
      const { reason, until } = event.data;
      const { operationId } = event;
      const others = withoutDeadlineOf(cluster, operationId);
      if (until === undefined) return { ...cluster, deadlines: others };
      const due: Deadline = { ...(operationId && { operationId }), reason, at: until };
      return { ...cluster, deadlines: inOrder([...others, due]) };
    }
    case 'WaitEnded':
      return { ...cluster, deadlines: withoutDeadlineOf(cluster, event.operationId) };
    case 'FindingRaised': {
      const top = [event.data.finding, ...cluster.findings.top].slice(0, 5);
      return { ...cluster, findings: { top, count: cluster.findings.count + 1 } };
    }
    default:
      return cluster;
  }
}

/** What a request to look after a cluster says of how. */
const policyOf = (request: OperationRequest): Pick<Cluster, 'onNewVersion'> =>
  'onNewVersion' in request && request.onNewVersion !== undefined && !request.planOnly
    ? { onNewVersion: request.onNewVersion }
    : {};

/** Of what is known, an operation's end takes away what was its own. */
function endOperation(cluster: Cluster, operationId: string | undefined): Cluster {
  const ending = cluster.operations.find(({ id }) => id === operationId);
  const operations = cluster.operations.filter((other) => other !== ending);
  const isProvisioning = operations.some(({ kind }) => kind === 'provision');
  return {
    ...cluster,
    // A provision that ended before the cluster came to be leaves nothing to look after.
    state: cluster.state === 'provisioning' && !isProvisioning ? 'absent' : cluster.state,
    operations,
    deadlines: withoutDeadlineOf(cluster, operationId),
  };
}

/** An operation waits for one thing at a time. */
const withoutDeadlineOf = (
  { deadlines }: Cluster,
  operationId: string | undefined,
): readonly Deadline[] =>
  deadlines.filter((due) => due.operationId !== operationId || isPurge(due));

const inOrder = (deadlines: readonly Deadline[]): readonly Deadline[] =>
  deadlines.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));

const purges: readonly string[] = ['vault_purged', 'key_purged'] satisfies Purge['reason'][];

const isPurge = ({ operationId, reason }: Deadline): boolean =>
  operationId === undefined && purges.includes(reason);

/** With the end of what is deleted now, and of nothing that was had back or is purged. */
const withPurge = ({ deadlines }: Cluster, purge: Purge | undefined): readonly Deadline[] => {
  const others = deadlines.filter((due) => !isPurge(due));
  return purge === undefined ? others : inOrder([...others, purge]);
};

/** What an operation tells that was overtaken does not give a revoked cluster its access back. */
const unlessRevoked = ({ revokedAt }: Cluster, state: Cluster['state']): Cluster['state'] =>
  revokedAt === undefined ? state : 'revoked';

function evolveSeen(cluster: Cluster, event: DomainEvent<'ClusterSeen'>): Cluster {
  const { clusterId: _, key, purge, ...seen } = event.data;
  const { key: known, ...others } = cluster;
  const isRevoked = cluster.state === 'revoked';
  const findings = isRevoked ? withAccessBack(seen.findings, cluster.id) : seen.findings;
  const shown = { ...others, ...seen, findings, deadlines: withPurge(cluster, purge) };
  if (key === undefined) return { ...shown, state: isRevoked ? 'revoked' : 'unprotected' };
  // Since when it is bound is known of a bind of our own alone.
  const boundAt = known?.kid === key.kid ? known.boundAt : event.at;
  return { ...shown, state: isRevoked ? 'revoked' : 'protected', key: { ...key, boundAt } };
}

/** A revoked cluster that lacks nothing any more was given its access back behind our back. */
function withAccessBack(findings: Cluster['findings'], target: string): Cluster['findings'] {
  const isStillOut = findings.top.some(keepsOut);
  if (isStillOut) return findings;
  const back: Finding = {
    code: 'access_back',
    severity: 'warning',
    rule: 'R82',
    reason: 'access to the key was switched on again by somebody else',
    remedy: 'Revoke it again, or recover the cluster so that this is on record.',
    target,
  };
  return { top: [back, ...findings.top].slice(0, 5), count: findings.count + 1 };
}
