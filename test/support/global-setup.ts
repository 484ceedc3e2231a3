import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { projectRoot } from '../../tools/project.ts';
import { readConformanceConfig } from './config.ts';
import { fetchValidator } from './published-schemas.ts';
import { startTestServer } from './temporal-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** host:port of the run's Temporal server; specs read it with `inject`. */
    temporalAddress: string;
  }
}

const run = promisify(execFile);

/** Before the end-to-end specs: compiles what they start as processes, and starts one Temporal for all. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const tell = (message: string) => void process.stderr.write(`${message}\n`);
  // A stale `dist` would test yesterday's product.
  await run('npm', ['run', '--silent', 'build'], { cwd: projectRoot });
  // What the specs do on the wire is held against the published schemas where those are given.
  if (readConformanceConfig().specs !== undefined) await fetchValidator();
  const server = await startTestServer(tell);
  project.provide('temporalAddress', server.address);
  return async () => server.stop();
}
