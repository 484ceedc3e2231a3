import type { Accepting } from './accepting.ts';
import type { GateTime } from './gate-time.ts';
import type { IdleClusters } from './idle-clusters.ts';
import type { Latency } from './latency.ts';
import type { ProvisionCost } from './provision-cost.ts';
import type { Restart } from './restart.ts';
import type { SimulatorReads } from './simulator-reads.ts';
import type { WorkerMemory } from './worker-memory.ts';

/** Everything that was measured in one run. */
export interface Report {
  readonly machine: Machine;
  readonly startToReadySeconds: number;
  readonly provision: ProvisionCost;
  readonly accepting: readonly Accepting[];
  readonly restart: Restart;
  readonly gate: GateTime;
  readonly idleClusters: IdleClusters;
  readonly workerMemory: WorkerMemory;
  readonly simulatorReads: SimulatorReads;
}

/** What the measures were made on; others at work there slow all of them. */
interface Machine {
  readonly cores: number;
  /** Processes that wanted a core, on average of the last five minutes. */
  readonly load: number;
  readonly node: string;
}

type Row = readonly [what: string, value: string, beside?: string];

/** The report as a table for people: what, how much, and what to hold it against. */
export function drawReport(report: Report): string[] {
  const { provision, restart, gate, idleClusters, workerMemory, simulatorReads } = report;
  const { cores, load, node } = report.machine;
  const rows: readonly Row[] = [
    ['machine', `${cores} cores`, `load ${load.toFixed(1)}, Node ${node}`],
    ['stack, start to ready', `${report.startToReadySeconds.toFixed(1)} s`],
    [
      `provision, ${provision.workspaces} workspaces: operation events`,
      String(provision.operationEvents),
      'budget 160',
    ],
    ['provision: entity events', String(provision.entityEvents)],
    [
      'provision: Azure requests',
      String(provision.azure.work),
      `budget 45, beyond ${beyond(provision)}`,
    ],
    ...report.accepting.flatMap(acceptingRows),
    [
      'killed worker, restart to progress',
      `${restart.progressSeconds.toFixed(1)} s`,
      `ready after ${restart.readySeconds.toFixed(1)} s`,
    ],
    [
      `replay gate, ${gate.operations} operations open: to ready`,
      `${gate.newBuildSeconds.toFixed(1)} s`,
      `${gate.knownBuildSeconds.toFixed(1)} s for the build that served before`,
    ],
    [
      'worker memory, 0, 1000, 2000 idle clusters',
      idleClusters.memoryMb.map(megabytes).join(' → ') || 'unknown',
      'the cache is bounded',
    ],
    [
      `worker memory, ${workerMemory.waits} waits for ${workerMemory.seconds.toFixed(0)} s`,
      `${megabytes(workerMemory.firstMb)} → ${megabytes(workerMemory.lastMb)}`,
      'first and last sample',
    ],
    [
      'simulator, plain reads by one core',
      `${simulatorReads.perCoreSecond.toFixed(0)} /s`,
      `aim 1000; ${simulatorReads.callers} callers beside it got ${simulatorReads.perSecond.toFixed(0)} /s`,
    ],
    ['simulator, time per write', `${simulatorReads.msPerWrite.toFixed(1)} ms`, 'journaled'],
    [
      `simulator memory, ${simulatorReads.memory.map(({ exchanges }) => `${exchanges / 1000}`).join(', ')} thousand exchanges`,
      simulatorReads.memory.map(({ mb }) => megabytes(mb)).join(' → '),
      'kept in a file only',
    ],
  ];
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map(([what, value, beside = '']) =>
    `${what.padEnd(widths[0] ?? 0)}  ${value.padStart(widths[1] ?? 0)}  ${beside}`.trimEnd(),
  );
}

function acceptingRows({ product, raw, ratio }: Accepting): readonly Row[] {
  const callers = `${product.callers} ${product.callers === 1 ? 'caller' : 'callers'}`;
  return [
    [
      `accept, ${callers}: median`,
      `${product.medianMs.toFixed(1)} ms`,
      `raw ${raw.medianMs.toFixed(1)} ms, ratio ${ratio.toFixed(2)} (aim 1.3)`,
    ],
    [
      `accept, ${callers}: p99`,
      `${product.p99Ms.toFixed(1)} ms`,
      `raw ${raw.p99Ms.toFixed(1)} ms; ${rateOf(product)}, raw ${rateOf(raw)}`,
    ],
  ];
}

const rateOf = ({ perSecond, failed }: Latency): string =>
  `${perSecond.toFixed(0)} /s${failed === 0 ? '' : ` (${failed} failed)`}`;

const beyond = ({ azure }: ProvisionCost): string =>
  `${azure.polls} polls, ${azure.tokens} tokens, ${azure.challenges} challenges`;

const megabytes = (mb: number | undefined): string =>
  mb === undefined ? 'unknown' : `${mb.toFixed(0)} MB`;
