import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { RateLimiter } from './arm/rate-limit.ts';
import { listSubscriptions, saveSubscription } from './arm/scopes.ts';
import type { ResourceGroup } from './arm/scopes.ts';
import { openCertificateAuthority } from './certificates.ts';
import { Clock } from './clock.ts';
import type { ClockMode } from './clock.ts';
import { createControlServer } from './control/control-server.ts';
import { settle } from './effects.ts';
import { homeTenant, saveTenant } from './entra/directory.ts';
import type { StoredPrincipal } from './entra/directory.ts';
import { rotateSigningKeys } from './entra/signing-keys.ts';
import { ExchangeLog } from './exchanges.ts';
import { Journal } from './journal.ts';
import type { World } from './pipeline.ts';
import { createProxy } from './proxy.ts';
import { routes } from './routes.ts';
import { applySeed, readSeed } from './seeds/seed.ts';
import { createAzureServer } from './server.ts';
import { writeSecrets, writeSettings } from './settings.ts';
import type { RulesName } from './settings.ts';
import { Store } from './store.ts';
import type { Transaction } from './store.ts';
import { createTurns } from './turns.ts';

export interface SimulatorOptions {
  /** Where journal, exchanges, CA and simulator.json lie; a temporary folder, removed on close, when absent. */
  readonly data?: string;
  /** 0 = a free port. */
  readonly httpsPort: number;
  readonly proxyPort: number;
  readonly controlPort: number;
  readonly clock: ClockMode;
  /** Divisor of the durations of Azure's own work. */
  readonly pace: number;
  readonly rules: RulesName;
  /** Name or file; applied to a fresh data folder only. */
  readonly seed: string;
  readonly retryAfter: boolean;
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
  const journal = new Journal(join(folder, 'journal.jsonl'));
  const exchanges = new ExchangeLog(join(folder, 'exchanges.jsonl'));
  const store = new Store({ journal, pace: options.pace });
  const clock = new Clock({ mode: options.clock, store });
  const world: World = {
    store,
    clock,
    turns: createTurns(),
    limiter: new RateLimiter(),
    routes,
  };
  await setUp(world, options);
  const authority = await openCertificateAuthority(folder);
  const azure = createAzureServer(world, { authority, exchanges });
  const httpsPort = await listen(azure, options.httpsPort);
  const proxy = createProxy({ httpsPort });
  const proxyPort = await listen(proxy.server, options.proxyPort);
  const control = createControlServer({ world, exchanges });
  const controlPort = await listen(control, options.controlPort);
  const ports = { httpsPort, proxyPort, controlPort };
  const description = await describe(world, { ...ports, caFile: authority.caFile });
  writeFileSync(join(folder, 'simulator.json'), `${JSON.stringify(description, null, 2)}\n`, {
    mode: 0o600,
  });
  return {
    description,
    async close() {
      proxy.closeConnections();
      for (const server of [azure, proxy.server, control]) {
        server.closeAllConnections();
        if (server.listening) server.close();
      }
      await world.turns(async () => journal.close());
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

/** A fresh folder gets its tenant, secrets and seed; a known one catches up with the time that went by. */
async function setUp(world: World, options: SimulatorOptions): Promise<void> {
  const { store, clock } = world;
  const fresh = store.collections().length === 0;
  await clock.start();
  const { rules, pace, retryAfter } = options;
  await store.transact(clock.now(), (tx) => {
    if (fresh) plant(tx, options.seed);
    writeSettings(tx, { rules, pace, retryAfter });
  });
  await settle(store, clock.now());
}

function plant(tx: Transaction, seed: string): void {
  const tenantId = randomUUID();
  saveTenant(tx, {
    tenantId,
    displayName: 'Contoso',
    defaultDomain: 'contoso.onmicrosoft.com',
  });
  saveSubscription(tx, { subscriptionId: randomUUID(), tenantId, displayName: 'Platform' });
  rotateSigningKeys(tx, { retire: true });
  writeSecrets(tx, {
    operationUrlKey: randomBytes(32).toString('base64url'),
    operationUrlCertificate: randomBytes(2100).toString('base64url'),
  });
  applySeed(tx, readSeed(seed));
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
    return {
      ...known,
      tenantId: homeTenant(tx).tenantId,
      subscriptionId: subscription?.subscriptionId ?? '',
      resourceGroup: group?.name ?? '',
      location: group?.location ?? '',
      principals,
    };
  });
  return result;
}
