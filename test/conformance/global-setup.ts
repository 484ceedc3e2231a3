import type { TestProject } from 'vitest/node';
import { readConformanceConfig } from '../support/config.ts';
import { fetchValidator } from '../support/published-schemas.ts';
import { findPython, pythonClients } from './python-packages.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The interpreter that has Debian's azure-cli; empty where none has. */
    azureCliPython: string;
    /** The interpreter that has Azure's SDKs for Python; empty where none has. */
    azureSdkPython: string;
    /** The folder of the published schemas; empty where there is none. */
    specs: string;
  }
}

/** Before the stories: finds the clients that are installed, and says which tell them and which are left out. */
export async function setup(project: TestProject): Promise<void> {
  const { specs } = readConformanceConfig();
  const [cli, sdk] = await Promise.all([
    findPython('azure-cli'),
    findPython('Azure SDKs for Python'),
    specs === undefined ? undefined : fetchValidator(),
  ]);
  project.provide('azureCliPython', cli ?? '');
  project.provide('azureSdkPython', sdk ?? '');
  project.provide('specs', specs ?? '');
  const lines = [
    'JavaScript SDKs, fetch: here',
    describe('azure-cli', cli),
    describe('Azure SDKs for Python', sdk),
    specs === undefined
      ? 'published schemas: LEFT OUT, no folder of azure-rest-api-specs (CONFORMANCE_SPECS names one)'
      : `published schemas: ${specs}`,
  ];
  process.stderr.write(lines.map((line) => `conformance: ${line}\n`).join(''));
}

function describe(client: keyof typeof pythonClients, interpreter: string | undefined): string {
  if (interpreter !== undefined) return `${client}: by ${interpreter}`;
  const packages = pythonClients[client].join(', ');
  return `${client}: LEFT OUT, no interpreter has ${packages} (CONFORMANCE_PYTHON names one)`;
}
