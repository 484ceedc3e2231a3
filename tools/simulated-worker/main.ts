import { join } from 'node:path';
import { readSimulatorFile } from '#libs/dial/dial.ts';
import { readToolsConfig } from '../config.ts';
import { projectRoot } from '../project.ts';
import { principalNamed } from '../stack/programs.ts';

/**
 * Becomes the worker with the rights of the simulator's principal `keyturn`, whose secret is made anew with
 * each simulator and so cannot stand in a settings file.
 */
function main(): void {
  const { environment } = readToolsConfig();
  const simulator = readSimulatorFile(environment['KEYTURN_SIMULATOR'] ?? '');
  const { clientId, clientSecret } = principalNamed(simulator, 'keyturn');
  const worker = join(projectRoot, 'dist', 'apps', 'worker', 'main.js');
  if (process.execve === undefined) throw new Error('this system cannot replace a process');
  process.execve(process.execPath, [process.execPath, worker], {
    ...environment,
    AZURE_TENANT_ID: simulator.tenantId,
    AZURE_CLIENT_ID: clientId,
    AZURE_CLIENT_SECRET: clientSecret,
  });
}

try {
  main();
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  process.stderr.write(`starting the worker for the simulator: ${reason}\n`);
  process.exit(1);
}
