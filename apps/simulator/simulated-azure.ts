import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listSubscriptions } from './arm/scopes.ts';
import { AzureFault } from './azure-fault.ts';
import { settle } from './effects.ts';
import { issueToken } from './entra/tokens.ts';
import type { StoredPrincipal } from './entra/directory.ts';
import { serviceOf } from './hosts.ts';
import { answer, arrive } from './pipeline.ts';
import type { World } from './pipeline.ts';
import type { Service } from './route.ts';
import { errorBody, mannerOf } from './services.ts';
import type { Transaction } from './store.ts';
import { openWorld } from './world.ts';
import type { WorldOptions } from './world.ts';

/** One request of a spec. */
export interface Question {
  readonly body?: unknown;
  /** Sent as it is instead of `body`. */
  readonly rawBody?: string;
  /** Name of the calling principal; `owner` when absent. */
  readonly as?: string;
  readonly apiVersion?: string;
  readonly headers?: Record<string, string>;
}

export interface Reply {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: unknown;
  readonly effects: readonly string[];
  readonly unimplemented: boolean;
}

/** The simulated world without sockets: what the specs beside the code talk to. */
export interface SimulatedAzure {
  readonly world: World;
  readonly folder: string;
  readonly subscriptionId: string;
  /** Asks by a path below the default resource group, or by an absolute URL. */
  ask(method: string, place: string, question?: Question): Promise<Reply>;
  advance(seconds: number): Promise<void>;
  /** Looks into the world, or changes it behind Azure's back. */
  look<T>(work: (tx: Transaction) => T): Promise<T>;
  close(): Promise<void>;
}

const ARM = 'https://management.azure.com';

/** Opens a world in a temporary folder, or in a given one to see a restart. Its clock stands unless told otherwise. */
export async function openSimulatedAzure(
  options: Partial<WorldOptions> & { folder?: string } = {},
): Promise<SimulatedAzure> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'azure-simulator-spec-'));
  const settings = { rules: 'current', pace: 1, retryAfter: false, switches: [] } as const;
  const defaults = { ...settings, clock: 'manual', seed: 'default' } as const;
  const { world, close } = await openWorld(folder, { ...defaults, ...options });
  const look = async <T>(work: (tx: Transaction) => T): Promise<T> =>
    (await world.store.transact(world.clock.now(), work)).result;
  const subscriptionId = await look((tx) => listSubscriptions(tx)[0]?.subscriptionId ?? '');
  return {
    world,
    folder,
    subscriptionId,
    look,
    ask: async (method, place, question = {}) =>
      await ask(world, absolute(place, { subscriptionId, ...question }), { method, ...question }),
    async advance(seconds) {
      await world.clock.advance(seconds);
      await settle(world.store, world.clock.now());
    },
    async close() {
      await close();
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

function absolute(place: string, known: { subscriptionId: string; apiVersion?: string }): URL {
  const group = `/subscriptions/${known.subscriptionId}/resourceGroups/rg-logs/providers`;
  const path = place.startsWith('/') ? place : `${group}/${place}`;
  const base = place.startsWith('https:') ? place : `${ARM}${path}`;
  const url = new URL(base);
  if (!url.searchParams.has('api-version')) {
    url.searchParams.set('api-version', known.apiVersion ?? '2025-07-01');
  }
  return url;
}

async function ask(
  world: World,
  url: URL,
  question: Question & { method: string },
): Promise<Reply> {
  const { method, body, rawBody, as = 'owner', headers = {} } = question;
  const service = serviceOf(url.hostname);
  if (!service) throw new Error(`asking ${url.href}: no Azure host`);
  const token = headers['authorization'] ?? `Bearer ${await tokenFor(world, service, as)}`;
  const wire = {
    method,
    host: url.hostname,
    target: `${url.pathname}${url.search}`,
    path: url.pathname.replaceAll(/\/{2,}/gu, '/'),
    query: url.searchParams,
    headers: { 'content-type': 'application/json', ...headers, authorization: token },
    rawBody: rawBody ?? (body === undefined ? '' : JSON.stringify(body)),
    requestId: 'spec',
    correlationId: headers['x-ms-correlation-request-id'] ?? 'spec',
  };
  const { fault } = await arrive(world, wire, service);
  const outcome = await answer(world, wire, { service, fault });
  const given = outcome.answer;
  const refused = given instanceof AzureFault;
  return {
    status: given.status,
    headers: { ...(refused ? given.extra.headers : given.headers) },
    body: overTheWire(refused ? errorBody(service, given) : (given.html ?? given.body)),
    effects: outcome.effects,
    unimplemented: outcome.unimplemented,
  };
}

/** What is left of a body once it was JSON: members that are undefined are gone. */
function overTheWire(body: unknown): unknown {
  return body === undefined ? undefined : (JSON.parse(JSON.stringify(body)) as unknown);
}

/** A token for the service asked, signed as Entra would. */
async function tokenFor(world: World, service: Service, name: string): Promise<string> {
  const { result } = await world.store.transact(world.clock.now(), async (tx) => {
    const principal = tx
      .list<StoredPrincipal>('principals')
      .find((candidate) => candidate.name === name);
    if (!principal) throw new Error(`asking as ${name}: no such principal`);
    return await issueToken(tx, {
      principal,
      audience: mannerOf(service).audiences[0] ?? ARM,
      version: '1.0',
      claimsCapable: false,
    });
  });
  return result.accessToken;
}
