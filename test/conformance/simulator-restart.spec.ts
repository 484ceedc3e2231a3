/** A crash of the simulator as a client of Azure meets it: an outage, and then the same world again. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { createAzure } from '#libs/azure/azure.ts';
import { createCredential } from '#libs/azure/credential.ts';
import { createDial, readSimulatorFile } from '#libs/dial/dial.ts';
import { startSimulator } from '../support/simulator.ts';
import { callNamed } from '../support/stubbed-azure.ts';

test('a vault outlives a crash, and so does the way to it', async () => {
  const data = await mkdtemp(path.join(tmpdir(), 'keyturn-restart-'));
  const first = await startSimulator({ data, clock: 'manual' });
  const file = readSimulatorFile(path.join(data, 'simulator.json'));
  expect(file).toEqual(first.file);
  const dial = createDial(file);
  const { tenantId, subscriptionId, resourceGroup, location, principals } = file;
  const keyturn = principals.find(({ name }) => name === 'keyturn');
  const { clientId = '', clientSecret = '' } = keyturn ?? {};
  const config = { kind: 'client-secret' as const, tenantId, clientId, clientSecret };
  const azure = createAzure({ credential: createCredential(config, dial), dial });
  const call = callNamed('restart');
  const vault = { subscriptionId, resourceGroup, name: 'kv-lasting' };
  await azure.vaults.create(vault, { region: location, tenantId, tags: {} }, call);

  await first.kill();
  await expect(azure.vaults.read(vault, call)).rejects.toMatchObject({ kind: 'network' });

  const { httpsPort, proxyPort, controlPort } = file;
  const ports = { httpsPort, proxyPort, controlPort };
  const second = await startSimulator({ data, clock: 'manual', ports });
  const { value } = await azure.vaults.read(vault, call);
  expect(value?.purgeProtection).toBe(true);
  await second.stop();
  dial.agent.destroy();
  await rm(data, { recursive: true, force: true });
});
