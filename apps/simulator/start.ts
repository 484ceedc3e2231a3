import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { listSubscriptions } from './arm/scopes.ts';
import type { ResourceGroup } from './arm/scopes.ts';
import { openCertificateAuthority } from './certificates.ts';
import { createControlServer } from './control/control-server.ts';
import { identityEndpoint } from './control/managed-identity.ts';
import type { IdentityEndpoint } from './control/managed-identity.ts';
import { homeTenant } from './entra/directory.ts';
import type { StoredPrincipal } from './entra/directory.ts';
import { ExchangeLog } from './exchanges.ts';
import { describeIngestion } from './logs/describe-ingestion.ts';
import type { IngestionDescription } from './logs/describe-ingestion.ts';
import type { World } from './pipeline.ts';
import { createProxy } from './proxy.ts';
import { replaceFile } from './replace-file.ts';
import { createAzureServer } from './server.ts';
import { openWorld } from './world.ts';
import type { WorldOptions } from './world.ts';

export interface SimulatorOptions extends WorldOptions {
  /** Where journal, exchanges, CA and simulator.json lie; a temporary folder, removed on close, when absent. */
  readonly data?: string;
  /** 0 = a free port. */
  readonly httpsPort: number;
  readonly proxyPort: number;
  readonly controlPort: number;
}

/** What the ready line says: all that a client needs. */
export interface SimulatorDescription {
  readonly httpsPort: number;
  readonly proxyPort: number;
  readonly controlPort: number;
  readonly caFile: string;
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly location: string;
  /** Where a program gets tokens as the machine it runs on: IDENTITY_ENDPOINT and IDENTITY_HEADER. */
  readonly managedIdentity: IdentityEndpoint;
  /** Where records can be sent; absent when the world was planted without. */
  readonly logIngestion?: IngestionDescription;
  readonly principals: readonly {
    name: string;
    clientId: string;
    clientSecret: string;
    objectId: string;
    roles: string[];
  }[];
}

export interface RunningSimulator {
  readonly description: SimulatorDescription;
  close(): Promise<void>;
}

/** Starts the simulator on the loopback address; resolves when all listeners answer. */
export async function startSimulator(options: SimulatorOptions): Promise<RunningSimulator> {
  const folder = openFolder(options.data);
  const exchanges = new ExchangeLog(join(folder, 'exchanges.jsonl'));
  const { world, close } = await openWorld(folder, options);
  const authority = await openCertificateAuthority(folder);
  const azure = createAzureServer(world, { authority, exchanges });
  const httpsPort = await listen(azure, options.httpsPort);
  const proxy = createProxy({ httpsPort });
  const proxyPort = await listen(proxy.server, options.proxyPort);
  const control = createControlServer({ world, exchanges });
  const controlPort = await listen(control, options.controlPort);
  const ports = { httpsPort, proxyPort, controlPort };
  const description = await describe(world, { ...ports, caFile: authority.caFile });
  const text = `${JSON.stringify(description, null, 2)}\n`;
  replaceFile(join(folder, 'simulator.json'), text, { mode: 0o600 });
  return {
    description,
    async close() {
      proxy.closeConnections();
      for (const server of [azure, proxy.server, control]) {
        server.closeAllConnections();
        if (server.listening) server.close();
      }
      await close();
      exchanges.close();
      if (options.data === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

function openFolder(data: string | undefined): string {
  if (data === undefined) return mkdtempSync(join(tmpdir(), 'azure-simulator-'));
  const folder = resolve(data);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen({ port, host: '127.0.0.1' });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function describe(
  world: World,
  known: Pick<SimulatorDescription, 'httpsPort' | 'proxyPort' | 'controlPort' | 'caFile'>,
): Promise<SimulatorDescription> {
  const { result } = await world.store.transact(world.clock.now(), (tx) => {
    const [subscription] = listSubscriptions(tx);
    const [group] = tx.list<ResourceGroup>('resourceGroups');
    const principals = tx
      .list<StoredPrincipal>('principals')
      .filter(({ kind }) => kind === 'application')
      .map(({ name, clientId, clientSecret = '', objectId, roles }) => ({
        name,
        clientId,
        clientSecret,
        objectId,
        roles: [...roles],
      }));
    const logIngestion = describeIngestion(tx);
    return {
      ...known,
      managedIdentity: identityEndpoint(tx, known.controlPort),
      ...(logIngestion && { logIngestion }),
      tenantId: homeTenant(tx).tenantId,
      subscriptionId: subscription?.subscriptionId ?? '',
      resourceGroup: group?.name ?? '',
      location: group?.location ?? '',
      principals,
    };
  });
  return result;
}
