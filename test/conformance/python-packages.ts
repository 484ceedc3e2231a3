import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { readConformanceConfig } from '../support/config.ts';

/** What Python has to offer, and the packages by which that is told. */
export const pythonClients = {
  'azure-cli': ['requests', 'azure.cli.core'],
  'Azure SDKs for Python': [
    'azure.identity',
    'azure.keyvault.keys',
    'azure.mgmt.authorization',
    'azure.mgmt.keyvault',
    'azure.mgmt.loganalytics',
  ],
} as const;

export type PythonClient = keyof typeof pythonClients;

const run = promisify(execFile);

/** The first interpreter that can import all packages of a client; undefined when none can. */
export async function findPython(client: PythonClient): Promise<string | undefined> {
  const imports = `import ${pythonClients[client].join(', ')}`;
  for (const interpreter of readConformanceConfig().interpreters) {
    try {
      await run(interpreter, ['-c', imports]);
      return interpreter;
    } catch {
      // It is not there, or lacks one of them: the next is asked.
    }
  }
  return undefined;
}
