/**
 * Azure's Python clients against the simulator, through its CONNECT proxy and with nothing else set up.
 * Where no interpreter has them the story is left out, which the setup of the project says.
 */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { readConformanceConfig } from '../support/config.ts';
import { type RunningSimulator, startSimulator } from '../support/simulator.ts';

const { path: searchPath } = readConformanceConfig();
const python = inject('azureSdkPython');
const isThere = python !== '';

let simulator: RunningSimulator | undefined;

beforeAll(async () => {
  if (!isThere) return;
  simulator = await startSimulator({ clock: 'real', pace: 2000, retryAfter: true });
});

afterAll(async () => {
  await simulator?.stop();
});

test.runIf(isThere)(
  'Python creates, binds, links, unlinks and deletes a cluster',
  { timeout: 120_000 },
  async () => {
    if (simulator === undefined) throw new Error('telling the story: no simulator was started');
    const { proxyPort, caFile } = simulator.file;
    const { stdout } = await promisify(execFile)(
      python,
      [
        path.join(import.meta.dirname, 'python/story.py'),
        path.join(simulator.data, 'simulator.json'),
      ],
      {
        env: {
          PATH: searchPath,
          HTTPS_PROXY: `http://127.0.0.1:${proxyPort}`,
          REQUESTS_CA_BUNDLE: caFile,
        },
      },
    );
    expect(JSON.parse(stdout)).toEqual({
      created: 'Succeeded',
      vault: 'https://kv-python.vault.azure.net/',
      bound: true,
      linked: 'LACluster',
      roles: ['8e3af657-a8ff-443c-a75c-2fe8c4bcb635'],
      encryptionUser: 'Key Vault Crypto Service Encryption User',
      left: [],
    });
  },
);
