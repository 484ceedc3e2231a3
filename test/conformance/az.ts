import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { RunningSimulator } from '../support/simulator.ts';

/** Azure's command line with no cloud registered: only a proxy and a CA are told to it. */
export interface AzureCli {
  /**
   * Runs one command, e.g. `run('group show -n', 'rg-logs')`, and gives what it answers.
   * @throws with its own words when it fails.
   */
  readonly run: (command: string, ...values: string[]) => Promise<unknown>;
  close(): Promise<void>;
}

interface Ending {
  code: number | null;
  said: string;
}

/** Starts it under an interpreter that has it, signed in nowhere, with a folder of its own. */
export async function startAzureCli(
  interpreter: string,
  { file }: Pick<RunningSimulator, 'file'>,
): Promise<AzureCli> {
  const folder = await mkdtemp(path.join(tmpdir(), 'conformance-az-'));
  const child = spawn(interpreter, [path.join(import.meta.dirname, 'python/az.py')], {
    env: {
      HTTPS_PROXY: `http://127.0.0.1:${file.proxyPort}`,
      REQUESTS_CA_BUNDLE: file.caFile,
      AZURE_CONFIG_DIR: folder,
      AZURE_CORE_COLLECT_TELEMETRY: 'no',
      AZURE_CORE_OUTPUT: 'json',
    },
  });
  const killWithUs = () => child.kill('SIGKILL');
  process.once('exit', killWithUs);
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaints = (complaints + chunk.toString()).slice(-4000);
  });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async run(command, ...values) {
      complaints = '';
      child.stdin.write(`${JSON.stringify([...command.split(' '), ...values])}\n`);
      const { value, done } = await answers.next();
      if (done === true) throw new Error(`running az ${command}: it has ended\n${complaints}`);
      const { code, said } = JSON.parse(value) as Ending;
      if (code !== 0) throw new Error(`running az ${command}: code ${code}\n${complaints}`);
      return said.trim() === '' ? undefined : (JSON.parse(said) as unknown);
    },
    async close() {
      process.removeListener('exit', killWithUs);
      child.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
