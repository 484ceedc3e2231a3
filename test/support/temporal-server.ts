import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readToolsConfig } from '../../tools/config.ts';
import { findOwnServer } from '../../tools/temporal-server/find-server.ts';
import {
  startTemporalServer,
  type TemporalServerOptions,
} from '../../tools/temporal-server/temporal-server.ts';

/** A Temporal server for tests; a namespace for each spec keeps them apart. */
export interface TestServer {
  /** host:port of the frontend. */
  readonly address: string;
  /** Stops it and starts it again on the same data, at the same address. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts the project's own server with the settings tests need (virtual time, quick timers) on data that
 * goes when it stops; `settings` are added to them. TEMPORAL_ADDRESS is left aside: somebody else's server
 * has other settings.
 */
export async function startTestServer(
  tell: (message: string) => void,
  settings: TemporalServerOptions['settings'] = {},
): Promise<TestServer> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'keyturn-temporal-'));
  const remove = async () => rm(dataFolder, { recursive: true, force: true });
  try {
    const program = await findOwnServer({ config: readToolsConfig(), tell });
    const log = (line: string) => {
      if (line.includes('"level":"fatal"')) tell(line);
    };
    const start = async () =>
      await startTemporalServer({ program, dataFolder, time: 'virtual', settings, log });
    let server = await start();
    const { address } = server;
    return {
      address,
      async restart() {
        await server.stop();
        server = await start();
        if (server.address !== address)
          throw new Error(`restarting Temporal: it is at ${server.address} now, not at ${address}`);
      },
      async stop() {
        await server.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
