import { z } from 'zod';
import type { AttentionChoice, OperationKind, WaitReason } from '#libs/domain/events.ts';
import type { Operation, OperationState, Step } from '#libs/domain/operation.ts';
import { pageOf, pageQuery } from './paging.ts';

const states = [
  'planning',
  'awaiting-approval',
  'deferred',
  'queued',
  'running',
  'attention',
  'succeeded',
  'refused',
  'rejected',
  'cancelled',
] as const satisfies readonly OperationState[];

const kinds = [
  'provision',
  'inspect',
  'adopt',
  'rotate',
  'retire-version',
  'replace-key',
  'revoke',
  'recover',
] as const satisfies readonly OperationKind[];
const waitReasons = [
  'lane',
  'name_reserved',
  'azure',
  'grant_spreading',
  'soak',
  'recovery_planned',
  'effect',
] as const satisfies readonly WaitReason[];
const stepStates = [
  'pending',
  'running',
  'waiting',
  'done',
] as const satisfies readonly Step['state'][];
const choices = ['resume', 'cancel'] as const satisfies readonly AttentionChoice[];

/** A person as operations name one. */
export const personView = z
  .object({ objectId: z.string(), name: z.string() })
  .meta({ id: 'Person' });

/** A fact worth a person's attention. */
export const findingView = z
  .object({
    code: z.string(),
    severity: z.enum(['info', 'warning', 'blocker']),
    rule: z.string(),
    reason: z.string(),
    remedy: z.string(),
    target: z.string().optional(),
  })
  .meta({ id: 'Finding' });

const waitingView = z
  .object({
    reason: z.enum(waitReasons),
    detail: z.string(),
    until: z.string().optional().meta({ description: 'Absent when nobody knows it.' }),
  })
  .meta({ id: 'Waiting' });

const stepView = z
  .object({
    name: z.string(),
    title: z.string(),
    target: z.string(),
    state: z.enum(stepStates),
    startedAt: z.string().optional(),
    endedAt: z.string().optional(),
    waiting: waitingView.optional(),
    detail: z.string().optional(),
  })
  .meta({ id: 'Step' });

const planView = z
  .object({
    hash: z.string().meta({ description: 'What an approval says yes to.' }),
    steps: z
      .array(
        z.object({
          name: z.string(),
          title: z.string(),
          target: z.string(),
          effect: z.enum(['create', 'change', 'keep']),
        }),
      )
      .readonly(),
    findings: z.array(findingView).readonly(),
    cost: z.object({
      commitmentGbPerDay: z.number().optional(),
      lockDays: z.number().optional(),
    }),
    losses: z.array(z.object({ id: z.string(), text: z.string() })).readonly(),
    rulePack: z.enum(['current', '2021']),
  })
  .meta({ id: 'Plan' });

const outcomeView = z
  .object({
    result: z.enum(['succeeded', 'refused', 'rejected', 'cancelled']),
    summary: z.string(),
    findings: z.array(findingView).readonly(),
    evidence: z
      .array(
        z.object({
          claim: z.string(),
          grade: z.enum(['proven', 'observed', 'assumed']),
          requestId: z.string().optional(),
        }),
      )
      .readonly(),
    encryptedSince: z.string().optional(),
    left: z.array(z.string()).readonly().optional(),
  })
  .meta({ id: 'Outcome' });

/** An operation as people see it. */
export const operationView = z
  .object({
    id: z.string(),
    kind: z.enum(kinds),
    cluster: z.string().meta({ description: 'Resource id of the cluster.' }),
    state: z.enum(states),
    steps: z.array(stepView).readonly(),
    plan: planView.optional(),
    findings: z.array(findingView).readonly(),
    waiting: waitingView.optional(),
    approval: z
      .object({
        planHash: z.string(),
        from: z.string().meta({ description: '`requester` or `second-person`.' }),
        reason: z.string(),
      })
      .optional(),
    attention: z
      .object({
        step: z.string(),
        reason: z.string(),
        seen: z.string(),
        choices: z.array(z.enum(choices)).readonly(),
      })
      .optional(),
    outcome: outcomeView.optional(),
    follows: z.string().optional().meta({ description: 'Id of the operation that wanted it.' }),
    followedBy: z
      .object({ id: z.string(), kind: z.enum(kinds) })
      .optional()
      .meta({ description: 'The operation that follows it.' }),
    requestedBy: personView,
    requestedAt: z.string(),
    seq: z.int().meta({ description: 'Number of the last event folded in.' }),
  })
  .meta({ id: 'Operation' });

export type OperationView = z.infer<typeof operationView>;

/** A page of operations. */
export const operationList = pageOf(operationView).meta({ id: 'OperationList' });

export type OperationList = z.infer<typeof operationList>;

/** The query of `GET /v1/operations`. */
export const operationQuery = z.strictObject({
  ...pageQuery,
  state: z.enum(states).optional().meta({
    description: '`awaiting-approval` makes the list of approvals.',
  }),
  kind: z.enum(kinds).optional(),
  cluster: z.string().optional().meta({ description: 'Resource id of a cluster.' }),
});

export type OperationQuery = z.output<typeof operationQuery>;

/** Whether the operation has come to its end. */
export const hasEnded = (operation: OperationView): boolean => operation.outcome !== undefined;

/** The card of an operation, as the contract shows it. */
export const toOperationView = (operation: Operation): OperationView => operation;
