import type { AttentionChoice, DomainEvent, OperationKind, Outcome, WaitReason } from './events.ts';
import type { Finding } from './findings.ts';
import type { Person } from './person.ts';
import type { Plan } from './plan.ts';

export type OperationState =
  | 'planning'
  | 'awaiting-approval'
  | 'deferred'
  | 'queued'
  | 'running'
  | 'attention'
  | Outcome['result'];

/** An operation as people see it: the fold of its events, and the card in its workflow's memo. */
export interface Operation {
  readonly id: string;
  readonly kind: OperationKind;
  /** Resource id of the cluster. */
  readonly cluster: string;
  readonly state: OperationState;
  readonly steps: readonly Step[];
  readonly plan?: Plan;
  readonly findings: readonly Finding[];
  readonly waiting?: Waiting;
  readonly approval?: { readonly planHash: string; readonly from: string; readonly reason: string };
  readonly attention?: Attention;
  readonly outcome?: Outcome;
  /** The operation that wanted this one to follow it. */
  readonly follows?: string;
  /** The operation that is to follow this one. */
  readonly followedBy?: { readonly id: string; readonly kind: OperationKind };
  readonly requestedBy: Person;
  readonly requestedAt: string;
  /** The seq of the last event folded in. */
  readonly seq: number;
}

export interface Step {
  readonly name: string;
  readonly title: string;
  readonly target: string;
  readonly state: 'pending' | 'running' | 'waiting' | 'done';
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly waiting?: Waiting;
  readonly detail?: string;
}

export interface Waiting {
  readonly reason: WaitReason;
  readonly detail: string;
  /** The absolute instant waited for; absent when nobody knows it. */
  readonly until?: string;
}

export interface Attention {
  readonly step: string;
  readonly reason: string;
  readonly seen: string;
  readonly choices: readonly AttentionChoice[];
}

/** The operation that an `OperationRequested` event begins. */
export function beginOperation(event: DomainEvent<'OperationRequested'>, id: string): Operation {
  const { kind, request, requestedBy } = event.data;
  const follows = 'follows' in request ? request.follows : undefined;
  return {
    id,
    kind,
    cluster: event.cluster ?? '',
    state: 'planning',
    steps: [],
    findings: [],
    ...(follows === undefined ? {} : { follows }),
    requestedBy,
    requestedAt: event.at,
    seq: event.seq,
  };
}

/** Folds one event into the operation; pure and total, so that every reader sees the same state. */
export function evolveOperation(operation: Operation, event: DomainEvent): Operation {
  return { ...applyEvent(operation, event), seq: event.seq };
}

function applyEvent(operation: Operation, event: DomainEvent): Operation {
  const { waiting: _, approval: __, attention: ___, ...settled } = operation;
  switch (event.type) {
    case 'PlanMade':
      return {
        ...settled,
        state: 'planning',
        plan: event.data.plan,
        steps: stepsOf(operation, event.data.plan),
      };
    case 'ApprovalAsked':
      return { ...settled, state: 'awaiting-approval', approval: event.data };
    case 'ApprovalGiven':
    case 'ApprovalRefused':
      return { ...settled, state: 'planning' };
    case 'StepStarted':
      return changeStep({ ...settled, state: 'running' }, event.data.step, () => ({
        state: 'running',
        startedAt: event.at,
      }));
    case 'StepVerified':
      return changeStep({ ...settled, state: 'running' }, event.data.step, () => ({
        state: 'done',
        endedAt: event.at,
        detail: event.data.detail,
      }));
    case 'WaitStarted':
      return startWait(operation, event);
    case 'WaitEnded':
      return endWait(operation);
    case 'AttentionRaised':
      return { ...settled, state: 'attention', attention: event.data };
    case 'AttentionResolved':
      return { ...settled, state: 'planning' };
    case 'FindingRaised':
      return { ...operation, findings: [...operation.findings, event.data.finding] };
    case 'FindingCleared':
      return {
        ...operation,
        findings: operation.findings.filter(({ code }) => code !== event.data.code),
      };
    case 'FollowUpWanted': {
      const { operationId, kind } = event.data;
      return { ...operation, followedBy: { id: operationId, kind } };
    }
    case 'OperationEnded':
      return { ...settled, state: event.data.outcome.result, outcome: event.data.outcome };
    default:
      return operation;
  }
}

/** What an operation is while it waits: without the lane for an instant, for the lane, or for Azure. */
const stateWhile: Readonly<Record<WaitReason, OperationState>> = {
  lane: 'queued',
  name_reserved: 'deferred',
  soak: 'deferred',
  recovery_planned: 'deferred',
  effect: 'running',
  azure: 'running',
  grant_spreading: 'running',
};

function startWait(operation: Operation, event: DomainEvent<'WaitStarted'>): Operation {
  const { step, ...waiting } = event.data;
  const state = stateWhile[waiting.reason];
  const { approval: _, attention: __, ...moving } = operation;
  const waits = { ...moving, state, waiting } as const;
  if (step === undefined) return waits;
  return changeStep(waits, step, () => ({ state: 'waiting', waiting }));
}

function endWait(operation: Operation): Operation {
  const { waiting: _, approval: __, attention: ___, ...moving } = operation;
  const steps = operation.steps.map((step) => {
    if (step.state !== 'waiting') return step;
    const { waiting: ____, ...rest } = step;
    return { ...rest, state: 'running' as const };
  });
  return {
    ...moving,
    state: steps.some((step) => step.state === 'running') ? 'running' : 'planning',
    steps,
  };
}

function changeStep(operation: Operation, name: string, change: () => Partial<Step>): Operation {
  const steps = operation.steps.map((step) => {
    if (step.name !== name) return step;
    const { waiting: _, ...rest } = step;
    return { ...rest, ...change() };
  });
  return { ...operation, steps };
}

/** A plan made again keeps what is already done. */
function stepsOf(operation: Operation, plan: Plan): Step[] {
  return plan.steps.map(({ name, title, target }) => {
    const known = operation.steps.find((step) => step.name === name && step.state === 'done');
    return known ?? { name, title, target, state: 'pending' };
  });
}

/** Whether the operation has ended. */
export const hasEnded = (operation: Operation): boolean => operation.outcome !== undefined;
