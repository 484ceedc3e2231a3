import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../project.ts';
import { holdAzure } from '../stack/simulator-control.ts';
import { requestFor } from './requests.ts';
import type { Bench } from './stage.ts';

/** What the replay gate costs a release that is started while much is open. */
export interface GateTime {
  readonly operations: number;
  /** From start to ready, of the build that served before: the gate lets it through. */
  readonly knownBuildSeconds: number;
  /** Of another build, which replays what is open first. */
  readonly newBuildSeconds: number;
}

const operations = 1_000;
const callers = 20;

/** Has a thousand operations wait, and starts the worker as it was and as another release. */
export async function measureGate(bench: Bench): Promise<GateTime> {
  const { stack } = bench;
  const folder = await mkdtemp(join(tmpdir(), 'keyturn-bench-gate-'));
  const release = await holdAzure(stack.simulator);
  try {
    await openOperations(bench);
    const knownBuildSeconds = await restart(bench);
    const bundle = join(folder, 'bundle.js');
    const code = await readFile(join(projectRoot, 'dist', 'workflow-bundle.js'), 'utf8');
    // Another hash is another release; that it does the same is what lets it pass.
    await writeFile(bundle, `${code}\n`);
    return { operations, knownBuildSeconds, newBuildSeconds: await restart(bench, bundle) };
  } finally {
    await release();
    await rm(folder, { recursive: true, force: true });
  }
}

async function openOperations({ client, stack, signal }: Bench): Promise<void> {
  const left = Array.from({ length: operations }, (_, index) => `bench-open-${index}`);
  const ask = async () => {
    for (let name = left.pop(); name !== undefined; name = left.pop()) {
      signal.throwIfAborted();
      await client.provisionCluster(requestFor(stack.simulator, { name, planOnly: true }));
    }
  };
  await Promise.all(Array.from({ length: callers }, ask));
}

async function restart({ stack }: Bench, bundle?: string): Promise<number> {
  await stack.worker.kill();
  const startedMs = performance.now();
  await stack.worker.start(bundle);
  return (performance.now() - startedMs) / 1000;
}
