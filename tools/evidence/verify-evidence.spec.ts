import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { verifyEvidence } from './verify-evidence.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const cluster = '/subscriptions/s/resourcegroups/g/providers/p/clusters/c';

interface Told {
  stream: string;
  seq: number;
  type: string;
  at: string;
  cluster: string;
  operationId: string;
}

const types = ['OperationRequested', 'StepStarted', 'StepVerified', 'OperationEnded'];
/** An operation that began as the fifth event of its cluster, and has ended. */
const operation: Told[] = types.map((type, index) => ({
  stream: 'operation/o-1',
  seq: index + 1,
  type,
  at: `2026-01-01T00:00:0${index}.000Z`,
  cluster: cluster.toUpperCase(),
  operationId: 'o-1',
}));
const before = sha256('what went before');

/** A bundle as the API makes it, with every hash right. */
function bundleOf(events: readonly Told[], about: object = { operationId: 'o-1' }) {
  let hash = before;
  const links = events.map((told, index) => {
    const event = JSON.stringify(told);
    hash = sha256(`${hash}\n${event}`);
    return { position: index + 5, hash, event };
  });
  const chain = { name: cluster, length: events.length + 4, head: hash };
  const format = 'keyturn-evidence-1';
  return sealed({ format, madeAt: '2026-01-02T00:00:00.000Z', ...about, chain, before, links });
}

type Body = ReturnType<typeof bodyOf>;
const bodyOf = (text: string) =>
  JSON.parse(text) as {
    format: string;
    madeAt: string;
    operationId?: string;
    from?: string;
    to?: string;
    chain: { name: string; length: number; head: string };
    before: string;
    links: { position: number; hash: string; event: string }[];
  };

/** What a forger can do as well: the seal needs no secret. */
function sealed(body: Body): string {
  const parts = [
    body.format,
    body.madeAt,
    body.operationId ?? null,
    body.from ?? null,
    body.to ?? null,
    body.chain.name,
    body.chain.length,
    body.chain.head,
    body.before,
    body.links.map(({ position, hash, event }) => [position, hash, event]),
  ];
  return JSON.stringify({ ...body, seal: sha256(JSON.stringify(parts)) });
}

/** The bundle with its links changed and its seal made to fit. */
function forged(change: (links: Body['links']) => Body['links']): string {
  const body = bodyOf(bundleOf(operation));
  return sealed({ ...body, links: change(body.links) });
}

const problemsOf = (text: string, noted?: string) => verifyEvidence(text, noted).problems;

describe('verifying evidence', () => {
  it('holds for what was handed out', () => {
    const { problems, proved, notProved } = verifyEvidence(bundleOf(operation));
    expect(problems).toEqual([]);
    expect(proved.join(' ')).toContain('events 5 to 8 of the chain');
    expect(proved.join(' ')).toContain('from its request to its end');
    expect(notProved.join(' ')).toContain('not written anew');
  });

  it('finds each byte that is changed', () => {
    const whole = Buffer.from(bundleOf(operation));
    const unnoticed = [...whole.keys()].filter((place) => {
      const changed = Buffer.from(whole);
      changed[place] = (whole[place] ?? 0) ^ 1;
      return problemsOf(changed.toString('utf8')).length === 0;
    });
    expect(unnoticed).toEqual([]);
  });

  it('names the event that was changed, though the seal fits', () => {
    const text = forged((links) =>
      links.map((link) => ({ ...link, event: link.event.replace('StepVerified', 'StepVeri5ied') })),
    );
    expect(problemsOf(text)).toEqual(['event 7 of the chain does not match its hash']);
  });

  it('names the event that was taken out', () => {
    const text = forged((links) => links.filter(({ position }) => position !== 6));
    expect(problemsOf(text)).toContain('event 6 of the chain is missing');
  });

  it('finds an event that was taken out and the gap closed', () => {
    const text = forged((links) =>
      links.toSpliced(1, 1).map((link, index) => ({ ...link, position: index + 5 })),
    );
    expect(problemsOf(text)).toContain('event 6 of the chain does not match its hash');
    expect(problemsOf(text)).toContain('event 3 of operation/o-1 follows its event 1');
  });

  it('names the event that was moved', () => {
    const text = forged(([a, b, c, d]) => [a, c, b, d].filter((link) => link !== undefined));
    expect(problemsOf(text)).toContain('event 6 of the chain stands after event 7: it was moved');
  });

  it('finds two events that changed places and numbers', () => {
    const text = forged((links) =>
      links.map((link, index) => ({
        ...link,
        event: links[[0, 2, 1, 3][index] ?? 0]?.event ?? '',
      })),
    );
    expect(problemsOf(text)).toContain('event 6 of the chain does not match its hash');
  });

  it.each([
    ['begin', operation.slice(1), 'it does not begin with the request of the operation'],
    [
      'cluster',
      operation.map((told) => ({ ...told, cluster: 'other' })),
      'event 1 of operation/o-1 is of another cluster',
    ],
  ])('finds a wrong %s in a chain that fits', (_, events, problem) => {
    expect(problemsOf(bundleOf(events))).toContain(problem);
  });

  it('says when an operation has not ended yet', () => {
    const { problems, proved } = verifyEvidence(bundleOf(operation.slice(0, 2)));
    expect(problems).toEqual([]);
    expect(proved.join(' ')).toContain('it has not ended there');
  });

  it('finds an end that was cut off from the chain', () => {
    const body = bodyOf(bundleOf(operation));
    const text = sealed({
      ...body,
      links: body.links.slice(0, 3),
      chain: { ...body.chain, length: 7 },
    });
    expect(problemsOf(text)).toEqual(['the last event is not the end of the chain']);
  });

  it('holds for a period, and finds what lies outside of it', () => {
    const from = '2026-01-01T00:00:00.000Z';
    const day = bundleOf(operation, { from, to: '2026-01-02T00:00:00.000Z' });
    expect(problemsOf(day)).toEqual([]);
    const second = bundleOf(operation, { from, to: '2026-01-01T00:00:01.000Z' });
    expect(problemsOf(second)).toEqual([
      'it begins or ends outside of the period, at 2026-01-01T00:00:03.000Z',
    ]);
  });

  it('compares with a hash that was noted elsewhere: only that finds a chain written anew', () => {
    const [{ hash } = { hash: '' }] = bodyOf(bundleOf(operation)).links.slice(-1);
    expect(problemsOf(bundleOf(operation), hash)).toEqual([]);
    const anew = bundleOf(operation.map((told) => ({ ...told, at: '2026-01-01T09:00:00.000Z' })));
    expect(problemsOf(anew)).toEqual([]);
    expect(problemsOf(anew, hash)).toEqual([`no event has the hash ${hash} that was noted`]);
  });

  it.each(['', '{', '[]', 'null', '{"format":"keyturn-evidence-1"}'])('refuses %j', (text) => {
    expect(problemsOf(text)).toEqual([expect.stringMatching(/^the file is /u)]);
  });
});
