import * as fc from 'fast-check';
import { expect, it } from 'vitest';

import { fact, type Fact } from './events.ts';
import { eventOf, foldOperation } from './operation-stream.ts';
import type { Operation } from './operation.ts';
import type { Plan } from './plan.ts';

/** What holds of an operation's card whatever its events are and in whatever order they come. */
const by = { objectId: 'o', name: 'Ada' };
const names = ['vault', 'key', 'bind'] as const;
const step = fc.constantFrom(...names);
const planOf = (steps: readonly string[]): Plan => ({
  hash: steps.join('-'),
  steps: steps.map((name) => ({ name, title: name, target: name, effect: 'create' })),
  findings: [],
  cost: {},
  losses: [],
  rulePack: 'current',
});
const finding = {
  code: 'slower_than_usual',
  severity: 'warning',
  rule: 'R23',
  reason: '',
  remedy: '',
} as const;

const happening: fc.Arbitrary<Fact> = fc.oneof(
  fc
    .subarray([...names], { minLength: 1 })
    .map((steps) => fact('PlanMade', { plan: planOf(steps) })),
  fc.constant(fact('ApprovalAsked', { planHash: 'h', from: 'requester', reason: '' })),
  fc.constant(fact('ApprovalGiven', { planHash: 'h', by, via: 'approve' })),
  fc.constant(fact('ApprovalRefused', { by, reason: '' })),
  step.map((name) => fact('StepStarted', { step: name })),
  step.map((name) => fact('StepVerified', { step: name, detail: '' })),
  fc
    .record({
      name: fc.option(step, { nil: undefined }),
      reason: fc.constantFrom('lane' as const, 'azure' as const, 'name_reserved' as const),
    })
    .map(({ name, reason }) =>
      fact('WaitStarted', { reason, detail: '', ...(name !== undefined && { step: name }) }),
    ),
  fc.constant(fact('WaitEnded', { reason: 'azure' })),
  step.map((name) =>
    fact('AttentionRaised', { step: name, reason: '', seen: '', choices: ['resume', 'cancel'] }),
  ),
  fc.constant(fact('AttentionResolved', { choice: 'resume', by })),
  fc.constant(fact('FindingRaised', { finding })),
  fc.constant(fact('FindingCleared', { code: finding.code })),
);

const place = (seq: number) => ({
  stream: 's',
  seq,
  at: new Date(seq).toISOString(),
  cluster: 'c',
  operationId: 'op',
});
const begun = fact('OperationRequested', {
  kind: 'provision',
  request: {} as never,
  requestedBy: by,
});
const ended = fact('OperationEnded', {
  outcome: { result: 'cancelled', summary: '', findings: [], evidence: [] },
});

function folded(facts: readonly Fact[]): Operation {
  const events = [begun, ...facts].map((each, index) => eventOf(each, place(index + 1)));
  const operation = foldOperation('op', events);
  if (operation === undefined) throw new Error('the stream begins no operation');
  return operation;
}

const always = (holds: (operation: Operation, facts: readonly Fact[]) => void) =>
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 40 }), (facts) => holds(folded(facts), facts)),
    { numRuns: 500 },
  );

it('asks for something of a person exactly while it stands still for that', () => {
  always(({ state, approval, attention }) => {
    expect(approval !== undefined).toBe(state === 'awaiting-approval');
    expect(attention !== undefined).toBe(state === 'attention');
  });
});

it('says what it waits for whenever it waits, and never beside a question to a person', () => {
  always(({ state, waiting }) => {
    if (state === 'queued' || state === 'deferred') expect(waiting).toBeDefined();
    if (state === 'attention' || state === 'awaiting-approval') expect(waiting).toBeUndefined();
  });
});

it('shows the steps of its plan, in order, a waiting one with its reason and a done one with its end', () => {
  always(({ plan, steps }) => {
    expect(steps.map(({ name }) => name)).toEqual((plan?.steps ?? []).map(({ name }) => name));
    for (const { state, waiting, startedAt, endedAt } of steps) {
      expect(waiting !== undefined).toBe(state === 'waiting');
      if (state === 'done') expect(endedAt).toBeDefined();
      if (state === 'pending') expect([startedAt, endedAt]).toEqual([undefined, undefined]);
    }
  });
});

it('counts every event, and is the same to a reader who has them as JSON', () => {
  always(({ seq }, facts) => {
    expect(seq).toBe(facts.length + 1);
    expect(folded(JSON.parse(JSON.stringify(facts)) as Fact[])).toEqual(folded(facts));
  });
});

it('asks and waits for nothing once it has ended', () => {
  always((_, facts) => {
    const operation = folded([...facts, ended]);
    expect(operation).toMatchObject({ state: 'cancelled', outcome: { result: 'cancelled' } });
    expect([operation.waiting, operation.approval, operation.attention]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
