import type { DomainEvent, Fact } from '#libs/domain/events.ts';
import { fact } from '#libs/domain/events.ts';
import type { ProvisionRequest } from '#libs/domain/provision-request.ts';

const outcome = { result: 'succeeded', summary: 'Done.', findings: [], evidence: [] } as const;

/** An operation of one step that takes 90 s, 60 of which it waits, for the specs of this room. */
export const sampleOperation: readonly DomainEvent[] = [
  requested(),
  fact('StepStarted', { step: 'vault' }),
  fact('WaitStarted', { step: 'vault', reason: 'lane', detail: 'behind another' }),
  fact('WaitEnded', { reason: 'lane' }),
  fact('StepVerified', { step: 'vault', detail: 'made' }),
  fact('OperationEnded', { outcome }),
].map((each, index) => at([0, 10, 20, 80, 100, 120][index] ?? 0, index + 1, each));

function requested(): Fact {
  return fact('OperationRequested', {
    kind: 'provision',
    request: {} as ProvisionRequest,
    requestedBy: { objectId: 'ada', name: 'Ada' },
  });
}

function at(seconds: number, seq: number, { type, data }: Fact): DomainEvent {
  return {
    v: 1,
    stream: 'operation/o-1',
    seq,
    type,
    at: new Date(seconds * 1000).toISOString(),
    cluster: '/clusters/c',
    operationId: 'o-1',
    data,
  } as DomainEvent;
}

interface Recorded {
  readonly name: string;
  readonly value: number;
  readonly tags: Readonly<Record<string, unknown>>;
}

/** A meter that remembers what it was told. */
export function meterUnderTest() {
  const recorded: Recorded[] = [];
  const recorder =
    (name: string) =>
    (value: number, tags: Recorded['tags'] = {}) =>
      void recorded.push({ name, value, tags });
  const instrument = (name: string) => ({ add: recorder(name), record: recorder(name) });
  const meter = { createCounter: instrument, createHistogram: instrument };
  return { recorded, meter: meter as never };
}
