import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { RateLimiter } from './arm/rate-limit.ts';
import { saveSubscription } from './arm/scopes.ts';
import { Clock } from './clock.ts';
import type { ClockMode } from './clock.ts';
import { settle } from './effects.ts';
import { saveTenant } from './entra/directory.ts';
import { rotateSigningKeys } from './entra/signing-keys.ts';
import { Journal } from './journal.ts';
import { VaultLimiter } from './key-vault/vault-limits.ts';
import type { World } from './pipeline.ts';
import { routes } from './routes.ts';
import { applySeed, readSeed } from './seeds/seed.ts';
import { isSetUp, writeSecrets, writeSettings } from './settings.ts';
import type { Settings } from './settings.ts';
import { Store } from './store.ts';
import type { Transaction } from './store.ts';
import { createTurns } from './turns.ts';

export interface WorldOptions extends Settings {
  readonly clock: ClockMode;
  /** Name or file; applied to a fresh data folder only. */
  readonly seed: string;
}

/** Opens the simulated world of a data folder: replayed, set up if fresh, and settled to its present instant. */
export async function openWorld(
  folder: string,
  options: WorldOptions,
): Promise<{ world: World; close: () => Promise<void> }> {
  const journal = new Journal(join(folder, 'journal.jsonl'));
  const store = new Store({ journal, pace: options.pace });
  const clock = new Clock({ mode: options.clock, store });
  const turns = createTurns();
  const limits = { limiter: new RateLimiter(), vaultLimiter: new VaultLimiter() };
  const world: World = { store, clock, turns, ...limits, routes };
  await setUp(world, options);
  return { world, close: async () => await turns(async () => journal.close()) };
}

/** A fresh folder gets its tenant, secrets and seed; a known one catches up with the time that went by. */
async function setUp(world: World, options: WorldOptions): Promise<void> {
  const { store, clock } = world;
  // A crash may have come between the clock's first line and the world's: only the latter makes it one.
  const fresh = !isSetUp(store);
  await clock.start();
  const { rules, pace, retryAfter, switches } = options;
  await store.transact(clock.now(), (tx) => {
    writeSettings(tx, { rules, pace, retryAfter, switches });
    if (fresh) plant(tx, options.seed);
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
