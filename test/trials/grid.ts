/** The grid of all exchanges of an operation and all faults, run on a few stands at once. */
import { startProduct } from '../support/product.ts';
import { startTestServer } from '../support/temporal-server.ts';
import { runBatch, type Ground, type Run, type Trial } from './batch.ts';
import { addressesOf, describeAddress, type Address } from './exchanges.ts';
import type { Fault } from './faults.ts';
import type { Kind } from './kinds.ts';
import { Stand, trialTime } from './stand.ts';
import { judge, type Verdict } from './verdict.ts';

/** An exchange of the undisturbed run, counted from 1. */
export interface Row {
  readonly number: number;
  readonly address: Address;
}

export interface Grid {
  readonly rows: readonly Row[];
  readonly verdicts: readonly Verdict[];
  /** Trials there was no time for. */
  readonly skipped: number;
}

export interface GridOptions {
  readonly kind: Kind;
  readonly faults: readonly Fault[];
  /** Numbers of exchanges, or parts of their descriptions; absent, all. */
  readonly exchanges?: readonly string[];
  /** Stands that run batches at once. */
  readonly stands: number;
  /** Epoch ms after which no batch begins. */
  readonly until: number;
  readonly tell: (line: string) => void;
}

/** Trials that run at once on one stand. */
const batchSize = 12;

/**
 * Runs the operation twice undisturbed and once for each trial.
 * @throws when the two undisturbed runs differ: then nothing could be compared
 */
export async function runGrid(options: GridOptions): Promise<Grid> {
  const { kind, tell } = options;
  const first = new Booth(kind, tell);
  const booths = [
    first,
    ...Array.from({ length: options.stands - 1 }, () => new Booth(kind, tell)),
  ];
  try {
    const calm = await runCalmly(first);
    const addresses = addressesOf(calm.site, calm.exchanges);
    tell(`${kind.name}: ${addresses.length} exchanges in ${calm.seconds.toFixed(1)} s`);
    const rows = addresses
      .map((address, index) => ({ number: index + 1, address }))
      .filter((row) => options.exchanges?.some((wanted) => isAt(row, wanted)) ?? true);
    const batches = batchesOf(
      options.faults,
      rows.map(({ address }) => address),
    );
    const verdicts: Verdict[] = [];
    const work = async (booth: Booth) => {
      while (Date.now() < options.until) {
        const batch = batches.shift();
        if (batch === undefined) return;
        for (const run of await booth.run(batch)) verdicts.push(judge(calm, run));
        tell(lineOf(batch, verdicts.slice(-batch.length)));
      }
    };
    await Promise.all(booths.map(work));
    return { rows, verdicts, skipped: batches.flat().length };
  } finally {
    await Promise.all(booths.map(async (booth) => await booth.close()));
  }
}

async function runCalmly(booth: Booth): Promise<Run> {
  const [calm, again] = await booth.run([undefined, undefined]);
  if (calm === undefined || again === undefined) throw new Error('running undisturbed: no run');
  const { notes } = judge(calm, again);
  const paths = ({ site, exchanges }: Run) => JSON.stringify(addressesOf(site, exchanges));
  if (notes.length > 0 || calm.exchanges.length !== again.exchanges.length) {
    throw new Error(
      `running undisturbed: two runs differ: ${notes.join('; ')} ${paths(calm)} ${paths(again)}`,
    );
  }
  return calm;
}

const isAt = ({ number, address }: Row, wanted: string): boolean =>
  String(number) === wanted ||
  (Number.isNaN(Number(wanted)) && describeAddress(address).includes(wanted));

/** Trials of one fault together; those that wait longest first. */
function batchesOf(faults: readonly Fault[], addresses: readonly Address[]): Trial[][] {
  return faults
    .toSorted((a, b) => b.withinMs - a.withinMs)
    .flatMap((fault) =>
      Array.from({ length: Math.ceil(addresses.length / batchSize) }, (_, index) =>
        addresses
          .slice(index * batchSize, (index + 1) * batchSize)
          .map((address) => ({ address, fault })),
      ),
    );
}

function lineOf(batch: readonly Trial[], verdicts: readonly Verdict[]): string {
  const bad = verdicts.filter(({ word }) => word === 'BAD').length;
  const slowest = Math.max(...verdicts.map(({ run }) => run.seconds));
  const fault = batch[0]?.fault.name ?? 'none';
  return `${fault}: ${verdicts.length} trials, ${bad} bad, slowest ${slowest.toFixed(0)} s`;
}

/** A stand with a Temporal of its own, made anew when its simulator has no room left. */
class Booth {
  readonly #kind: Kind;
  readonly #tell: (line: string) => void;
  #open: { stand: Stand; server: Awaited<ReturnType<typeof startTestServer>> } | undefined;

  constructor(kind: Kind, tell: (line: string) => void) {
    this.#kind = kind;
    this.#tell = tell;
  }

  async run(trials: readonly (Trial | undefined)[]): Promise<Run[]> {
    return await runBatch(await this.#ground(trials.length), trials);
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined) return;
    await open.stand.product.stop();
    await open.server.stop();
  }

  async #ground(sites: number): Promise<Ground> {
    if (this.#open?.stand.hasRoomFor(sites) !== true) {
      await this.close();
      const server = await startTestServer(this.#tell);
      const stand = new Stand(await startProduct(server.address, trialTime));
      this.#open = { stand, server };
    }
    const { stand, server } = this.#open;
    return { stand, kind: this.#kind, restartServer: async () => await server.restart() };
  }
}
