import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DomainEvent } from '#libs/domain/events.ts';
import { emptyHead, linkHash } from './hash-chain.ts';
import { StretchTooLong, type Ledger } from './ledger.ts';

/** What a driver's spec gives: a fresh ledger, and a second handle on the same data. */
export interface LedgerUnderTest {
  readonly ledger: Ledger;
  reopen(): Promise<Ledger>;
  remove(): Promise<void>;
}

const cluster = '/subscriptions/S/resourceGroups/G/providers/P/clusters/C';
const stream = 'operation/o-1';

/** Makes an event for the tests of a ledger. */
export const sampleEvent = (seq: number, changes: Partial<DomainEvent> = {}): DomainEvent =>
  ({
    v: 1,
    stream,
    seq,
    type: 'StepStarted',
    at: '2026-01-01T00:00:00.000Z',
    cluster,
    operationId: 'o-1',
    data: { step: `step ${seq}` },
    ...changes,
  }) as DomainEvent;

/** What every driver of the ledger must do. Called once by each driver's spec. */
export function describeLedger(driver: string, open: () => Promise<LedgerUnderTest>): void {
  describe(`a ledger on ${driver}`, () => {
    let under: LedgerUnderTest;
    beforeEach(async () => {
      under = await open();
    });
    afterEach(async () => {
      await under.remove();
    });

    describeKeeping(() => under);
    describeAppendingAtOnce(() => under);
    describeReading(() => under);
    describeChains(() => under);
    describe('holding the events of two operations', () => describeStretches(() => under));
    describePassedBundles(() => under);
  });
}

function describeKeeping(under: () => LedgerUnderTest): void {
  it('gives back what it was given', async () => {
    const { ledger } = under();
    await ledger.append([sampleEvent(1), sampleEvent(2)]);
    expect(await ledger.read(stream)).toEqual([sampleEvent(1), sampleEvent(2)]);
  });

  it('keeps its events for the next process', async () => {
    await under().ledger.append([sampleEvent(1)]);
    const again = await under().reopen();
    expect(await again.read(stream)).toEqual([sampleEvent(1)]);
    await again.close();
  });

  it('changes nothing when a batch is repeated', async () => {
    const { ledger } = under();
    await ledger.append([sampleEvent(1), sampleEvent(2)]);
    const before = await ledger.verifyChain(cluster);
    await ledger.append([sampleEvent(1), sampleEvent(2)]);
    expect(await ledger.verifyChain(cluster)).toEqual(before);
  });

  it('takes the new part of a batch that overlaps', async () => {
    const { ledger } = under();
    await ledger.append([sampleEvent(1), sampleEvent(2)]);
    expect(await ledger.append([sampleEvent(2), sampleEvent(3)])).toEqual([sampleEvent(3)]);
    expect((await ledger.read(stream)).map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  it('takes members in another order for the same event', async () => {
    const { ledger } = under();
    await ledger.append([sampleEvent(1)]);
    const turned = Object.fromEntries(Object.entries(sampleEvent(1)).toReversed());
    await ledger.append([turned as unknown as DomainEvent]);
    expect(await ledger.read(stream)).toHaveLength(1);
  });

  it('refuses another event at a taken place', async () => {
    const { ledger } = under();
    await ledger.append([sampleEvent(1)]);
    await expect(
      ledger.append([sampleEvent(1, { at: '2027-01-01T00:00:00.000Z' })]),
    ).rejects.toThrow('appending operation/o-1 #1: the ledger holds another event at this place');
  });

  it('keeps nothing of a batch with a conflict', async () => {
    const { ledger } = under();
    await ledger.append([sampleEvent(1)]);
    const conflict = sampleEvent(1, { at: '2027-01-01T00:00:00.000Z' });
    await expect(ledger.append([sampleEvent(2), conflict])).rejects.toThrow('#1');
    expect((await ledger.read(stream)).map(({ seq }) => seq)).toEqual([1]);
  });

  it('refuses an event without the one before it, until it gets all of them', async () => {
    const { ledger } = under();
    await expect(ledger.append([sampleEvent(3)])).rejects.toThrow(
      'appending operation/o-1 #3: the ledger does not hold the event before it',
    );
    expect(await ledger.read(stream)).toEqual([]);
    await ledger.append([sampleEvent(1), sampleEvent(2), sampleEvent(3)]);
    expect((await ledger.read(stream)).map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });
}

function describeAppendingAtOnce(under: () => LedgerUnderTest): void {
  it('lets two handles append to one chain at once', async () => {
    const other = await under().reopen();
    const names = Array.from({ length: 20 }, (_, index) => `operation/${index}`);
    const append = (name: string, index: number) =>
      (index % 2 === 0 ? under().ledger : other).append([sampleEvent(1, { stream: name })]);
    await Promise.all(names.map(append));
    expect(await other.verifyChain(cluster)).toMatchObject({ intact: true, length: 20 });
    await other.close();
  });

  it('lets two handles append the same events at once, and keeps them once', async () => {
    const other = await under().reopen();
    const batches = [1, 2, 3, 4, 5].map((last) =>
      Array.from({ length: last }, (_, index) => sampleEvent(index + 1)),
    );
    const appends = batches.flatMap((batch) => [under().ledger.append(batch), other.append(batch)]);
    const fresh = (await Promise.all(appends)).flat();
    expect(fresh.map(({ seq }) => seq).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5]);
    expect(await other.verifyChain(cluster)).toMatchObject({ intact: true, length: 5 });
    await other.close();
  });

  it('lets batches over several chains meet from both sides', async () => {
    const other = await under().reopen();
    const inChain = (name: string, operation: number) =>
      sampleEvent(1, { stream: `operation/${name}-${operation}`, cluster: name });
    const operations = Array.from({ length: 10 }, (_, index) => index);
    await Promise.all([
      ...operations.map((each) => under().ledger.append([inChain('a', each), inChain('b', each)])),
      ...operations.map((each) => other.append([inChain('b', each + 10), inChain('a', each + 10)])),
    ]);
    for (const name of ['a', 'b'])
      expect(await other.verifyChain(name)).toMatchObject({ intact: true, length: 20 });
    await other.close();
  });
}

function describeReading(under: () => LedgerUnderTest): void {
  it('reads a stream from a place on', async () => {
    const { ledger } = under();
    await ledger.append([sampleEvent(1), sampleEvent(2), sampleEvent(3)]);
    expect((await ledger.read(stream, 2)).map(({ seq }) => seq)).toEqual([2, 3]);
  });

  it('reads an unknown stream as empty', async () => {
    expect(await under().ledger.read('operation/none')).toEqual([]);
  });

  it('reads an operation across the streams that tell of it', async () => {
    const { ledger } = under();
    const told = sampleEvent(1, { stream: 'cluster/s/g/c' });
    await ledger.append([told, sampleEvent(1), sampleEvent(2, { operationId: 'o-2' })]);
    expect(await ledger.readOperation('o-1')).toEqual([told, sampleEvent(1)]);
  });
}

function describeChains(under: () => LedgerUnderTest): void {
  it('chains the streams of one cluster, whatever the case of its id', async () => {
    const { ledger } = under();
    const other = sampleEvent(1, { stream: 'operation/o-2', cluster: cluster.toUpperCase() });
    await ledger.append([sampleEvent(1), other]);
    expect(await ledger.verifyChain(cluster)).toMatchObject({ intact: true, length: 2 });
  });

  it('chains events without a cluster by stream', async () => {
    const { ledger } = under();
    const { cluster: _, ...alone } = sampleEvent(1, { stream: 'discovery/s' });
    await ledger.append([alone, sampleEvent(1)]);
    expect(await ledger.verifyChain('discovery/s')).toMatchObject({ intact: true, length: 1 });
    expect(await ledger.verifyChain(cluster)).toMatchObject({ intact: true, length: 1 });
  });

  it('moves the head of a chain with every event', async () => {
    const { ledger } = under();
    await ledger.append([sampleEvent(1)]);
    const before = await ledger.verifyChain(cluster);
    await ledger.append([sampleEvent(2)]);
    const after = await ledger.verifyChain(cluster);
    expect(after.intact && before.intact && after.head !== before.head).toBe(true);
  });

  it('calls a chain without events intact', async () => {
    expect(await under().ledger.verifyChain(cluster)).toMatchObject({ intact: true, length: 0 });
  });
}

function describeStretches(under: () => LedgerUnderTest): void {
  const at = (day: number) => `2026-01-0${day}T00:00:00.000Z`;
  const seqsOf = (texts: readonly { readonly text: string }[] = []) =>
    texts.map(({ text }) => (JSON.parse(text) as DomainEvent).seq);

  beforeEach(async () => {
    const events = [1, 2, 3, 4].map((seq) =>
      sampleEvent(seq, { at: at(seq), operationId: seq % 2 === 0 ? 'o-2' : 'o-1' }),
    );
    await under().ledger.append(events);
  });

  it('hands out an operation with everything in between', async () => {
    const stretch = await under().ledger.stretch({ operationId: 'o-2' }, 10);
    expect(seqsOf(stretch?.links)).toEqual([2, 3, 4]);
    expect(stretch?.links.map(({ position }) => position)).toEqual([2, 3, 4]);
  });

  it('hands out a period, its end not included, whatever the case of the chain', async () => {
    const period = { chain: cluster.toUpperCase(), from: at(2), to: at(4) };
    const stretch = await under().ledger.stretch(period, 10);
    expect(seqsOf(stretch?.links)).toEqual([2, 3]);
    expect(stretch?.chain).toBe(cluster.toLowerCase());
  });

  it('hands out links that can be computed again from the hash before them', async () => {
    const stretch = await under().ledger.stretch({ operationId: 'o-2' }, 10);
    let hash = stretch?.before ?? '';
    for (const link of stretch?.links ?? []) {
      hash = linkHash(hash, link.text);
      expect(link.hash).toBe(hash);
    }
    expect(stretch).toMatchObject({ head: hash, length: 4 });
  });

  it('begins a chain with no hash before', async () => {
    const stretch = await under().ledger.stretch({ operationId: 'o-1' }, 10);
    expect(stretch?.before).toBe(emptyHead);
  });

  it('has nothing to hand out of what never happened', async () => {
    const { ledger } = under();
    expect(await ledger.stretch({ operationId: 'none' }, 10)).toBeUndefined();
    const period = { chain: cluster, from: at(5), to: at(6) };
    expect(await ledger.stretch(period, 10)).toBeUndefined();
  });

  it('refuses a stretch of too many events', async () => {
    await expect(under().ledger.stretch({ operationId: 'o-2' }, 2)).rejects.toThrow(StretchTooLong);
  });
}

function describePassedBundles(under: () => LedgerUnderTest): void {
  it('knows of no bundle that has passed while none has', async () => {
    expect(await under().ledger.lastPassedBundle()).toBeUndefined();
  });

  it('keeps for the next process which bundle has passed last, also when it had passed before', async () => {
    for (const hash of ['a', 'b', 'a']) await under().ledger.keepPassedBundle(hash);
    const again = await under().reopen();
    expect(await again.lastPassedBundle()).toBe('a');
    await again.keepPassedBundle('b');
    expect(await under().ledger.lastPassedBundle()).toBe('b');
    await again.close();
  });
}
