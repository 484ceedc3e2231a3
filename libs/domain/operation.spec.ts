import { expect, it } from 'vitest';

import { fact, type EventData, type EventType, type Outcome } from './events.ts';
import { beginOperation, evolveOperation, hasEnded, type Operation } from './operation.ts';
import { eventOf, firstEvent, type OperationInput } from './operation-stream.ts';

const person = { objectId: 'o', name: 'Ada' };
const input = {
  operationId: 'op',
  kind: 'provision',
  request: {},
  requestedBy: person,
  requestedAt: '2026-03-01T00:00:00.000Z',
  cluster: '/subscriptions/s/…',
  stream: 'operation/op',
  entity: 'cluster/s/g/c',
} as unknown as OperationInput;

const begun = beginOperation(firstEvent(input), 'op');
const plan = {
  hash: 'h',
  steps: [
    { name: 'vault', title: 'Vault', target: 'v', effect: 'create' },
    { name: 'key', title: 'Key', target: 'k', effect: 'create' },
  ],
  findings: [],
  cost: {},
  losses: [],
  rulePack: 'current',
} as const;
const outcome: Outcome = { result: 'succeeded', summary: 'done', findings: [], evidence: [] };

type Told = { [K in EventType]: [K, EventData[K]] }[EventType];

function fold(...told: Told[]): Operation {
  return told.reduce((operation, [type, data]) => {
    const place = {
      stream: 'operation/op',
      seq: operation.seq + 1,
      at: '2026-03-01T00:00:01.000Z',
      cluster: 'c',
    };
    return evolveOperation(operation, eventOf(fact(type, data), place));
  }, begun);
}

it('begins by planning, with who asked and when', () => {
  expect(begun).toMatchObject({
    state: 'planning',
    requestedBy: person,
    requestedAt: input.requestedAt,
    seq: 1,
  });
});

it('shows the steps of its plan as they start and are verified', () => {
  const operation = fold(
    ['PlanMade', { plan }],
    ['StepStarted', { step: 'vault' }],
    ['StepVerified', { step: 'vault', detail: 'there' }],
    ['StepStarted', { step: 'key' }],
  );
  expect(operation.state).toBe('running');
  expect(operation.steps.map(({ state }) => state)).toEqual(['done', 'running']);
});

it.each<[EventData['WaitStarted']['reason'], Operation['state']]>([
  ['lane', 'queued'],
  ['name_reserved', 'deferred'],
  ['azure', 'running'],
])('is, while it waits for %s, %s', (reason, state) => {
  const operation = fold(['WaitStarted', { reason, detail: 'why' }]);
  expect(operation).toMatchObject({ state, waiting: { reason, detail: 'why' } });
});

it('shows a wait at its step, and no longer once it is over', () => {
  const started: Told[] = [
    ['PlanMade', { plan }],
    ['StepStarted', { step: 'vault' }],
    ['WaitStarted', { step: 'vault', reason: 'azure', detail: 'making it' }],
  ];
  expect(fold(...started).steps[0]).toMatchObject({
    state: 'waiting',
    waiting: { detail: 'making it' },
  });
  const over = fold(...started, ['WaitEnded', { reason: 'azure' }]);
  expect(over.steps[0]?.state).toBe('running');
  expect(over.waiting).toBeUndefined();
});

it('keeps steps that are done when it is planned again', () => {
  const operation = fold(
    ['PlanMade', { plan }],
    ['StepVerified', { step: 'vault', detail: 'there' }],
    ['PlanMade', { plan: { ...plan, hash: 'other' } }],
  );
  expect(operation.steps.map(({ state }) => state)).toEqual(['done', 'pending']);
});

it('asks for approval and goes back to planning when it has the answer', () => {
  const asked: Told = ['ApprovalAsked', { planHash: 'h', from: 'requester', reason: 'changed' }];
  expect(fold(asked)).toMatchObject({ state: 'awaiting-approval', approval: { planHash: 'h' } });
  const given = fold(asked, ['ApprovalGiven', { planHash: 'h', by: person, via: 'approve' }]);
  expect(given.state).toBe('planning');
  expect(given.approval).toBeUndefined();
});

it('stands in attention until a person resolves it', () => {
  const raised: Told = [
    'AttentionRaised',
    { step: 'bind', reason: 'why', seen: 'what', choices: ['resume', 'cancel'] },
  ];
  expect(fold(raised)).toMatchObject({ state: 'attention', attention: { step: 'bind' } });
  expect(
    fold(raised, ['AttentionResolved', { choice: 'resume', by: person }]).attention,
  ).toBeUndefined();
});

it('raises and clears findings', () => {
  const finding = {
    code: 'ledger_behind',
    severity: 'warning',
    rule: 'ledger',
    reason: 'r',
    remedy: 'm',
  } as const;
  expect(fold(['FindingRaised', { finding }]).findings).toEqual([finding]);
  expect(
    fold(['FindingRaised', { finding }], ['FindingCleared', { code: 'ledger_behind' }]).findings,
  ).toEqual([]);
});

it('ends with its outcome', () => {
  const ended = fold(['OperationEnded', { outcome }]);
  expect(hasEnded(ended)).toBe(true);
  expect(ended).toMatchObject({ state: 'succeeded', outcome });
});
