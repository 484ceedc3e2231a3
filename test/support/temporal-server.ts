import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readToolsConfig } from '../../tools/config.ts';
import { findOwnServer } from '../../tools/temporal-server/find-server.ts';
import { startTemporalServer } from '../../tools/temporal-server/temporal-server.ts';

/** A Temporal server for tests; a namespace for each spec keeps them apart. */
export interface TestServer {
  /** host:port of the frontend. */
  readonly address: string;
  stop(): Promise<void>;
}

/**
 * Starts the project's own server with the settings tests need (virtual time, quick timers) on data that
 * goes when it stops. TEMPORAL_ADDRESS is left aside: somebody else's server has other settings.
 */
export async function startTestServer(tell: (message: string) => void): Promise<TestServer> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'keyturn-temporal-'));
  const remove = async () => rm(dataFolder, { recursive: true, force: true });
  try {
    const program = await findOwnServer({ config: readToolsConfig(), tell });
    const log = (line: string) => {
      if (line.includes('"level":"fatal"')) tell(line);
    };
    const server = await startTemporalServer({ program, dataFolder, time: 'virtual', log });
    const stop = async () => {
      await server.stop();
      await remove();
    };
    return { address: server.address, stop };
  } catch (error) {
    await remove();
    throw error;
  }
}
