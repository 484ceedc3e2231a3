import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { settle } from '../effects.ts';
import { signAssertion } from '../entra/federation.ts';
import type { AssertionRequest } from '../entra/federation.ts';
import { rotateSigningKeys } from '../entra/signing-keys.ts';
import type { ExchangeLog } from '../exchanges.ts';
import { addFault, listFaults, removeFaults } from '../faults.ts';
import type { FaultRule } from '../fault-rule.ts';
import { releaseHeld } from '../providers/operational-insights/operations.ts';
import type { World } from '../pipeline.ts';
import { applySeed, readSeed } from '../seeds/seed.ts';
import { setRights } from '../seeds/set-rights.ts';
import type { Rights } from '../seeds/set-rights.ts';
import { respond } from '../server.ts';
import type { Transaction } from '../store.ts';
import { readWire } from '../wire.ts';
import { answerIdentityRequest, isIdentityRequest } from './managed-identity.ts';
import { describeWorld } from './world-state.ts';

interface Control {
  readonly world: World;
  readonly exchanges: ExchangeLog;
}

interface ControlRequest {
  readonly body: Record<string, unknown>;
  readonly query: URLSearchParams;
}

type Handler = (control: Control, request: ControlRequest) => Promise<object | undefined>;

/** Where a browser signs in that knows neither proxy nor CA: the same pages and tokens as under Entra's own name. */
const isForEntra = /^\/[^/]+\/(?:oauth2\/|discovery\/|(?:v2\.0\/)?\.well-known\/)/u;
const LOGIN = 'login.microsoftonline.com';

/** What a test or a demo may do to the simulated world from outside; none of it is Azure. */
const handlers: Readonly<Record<string, Handler>> = {
  'GET /health': async () => healthBody(),
  'GET /clock': async ({ world }) => clockBody(world),
  'POST /clock/advance': advance,
  'GET /faults': async ({ world }) => listFaults(world.store),
  'POST /faults': async (control, { body }) =>
    await change(control, (tx) => addFault(tx, body as unknown as FaultRule)),
  'DELETE /faults': async (control, { query }) => {
    await change(control, (tx) => {
      removeFaults(tx, query.get('id') ?? undefined);
      releaseHeld(tx);
    });
    return undefined;
  },
  'POST /seed': async (control, { body }) => {
    const seed = readSeed(String(body['name']));
    await change(control, (tx) => applySeed(tx, seed));
    return { name: body['name'] };
  },
  'POST /rights': async (control, { body }) => {
    await change(control, (tx) => setRights(tx, body as unknown as Rights));
    return undefined;
  },
  'POST /federation/assertion': async (control, { body }) => {
    const asked = body as unknown as AssertionRequest;
    if (typeof asked.subject !== 'string') {
      throw new TypeError('signing an assertion: subject must be a text');
    }
    return { assertion: await change(control, (tx) => signAssertion(tx, asked)) };
  },
  'POST /entra/rotate-keys': async (control, { body }) => {
    const retire = body['retire'] === true;
    const key = await change(control, (tx) => rotateSigningKeys(tx, { retire }));
    return { kid: key.kid };
  },
  'GET /state': async (control) => await change(control, (tx) => describeWorld(tx, control.world)),
};

/** The control listener: plain HTTP, for the loopback address only. */
export function createControlServer(control: Control): Server {
  return createServer((request, response) => {
    serve(control, request, response).catch((error: unknown) => {
      answerJson(response, 400, { error: error instanceof Error ? error.message : String(error) });
    });
  });
}

async function serve(
  control: Control,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const wire = await readWire(request);
  if (wire.method === 'GET' && wire.path === '/exchanges') {
    response.writeHead(200, { 'content-type': 'application/jsonl; charset=utf-8' });
    control.exchanges.read().pipe(response);
    return;
  }
  if (isIdentityRequest(wire)) {
    const given = await change(control, (tx) => answerIdentityRequest(tx, wire));
    return answerJson(response, given.status, given.body);
  }
  if (isForEntra.test(wire.path)) {
    const local = { ...wire, host: LOGIN, origin: `http://${wire.headers['host'] ?? ''}` };
    const { world, exchanges } = control;
    await respond(world, { request, response, exchanges }, { wire: local, service: 'entra' });
    return;
  }
  const handler = handlers[`${wire.method} ${wire.path}`];
  if (!handler) return answerJson(response, 404, { error: `no ${wire.method} ${wire.path} here` });
  const body = wire.rawBody === '' ? {} : (JSON.parse(wire.rawBody) as Record<string, unknown>);
  const given = await handler(control, { body, query: wire.query });
  answerJson(response, given === undefined ? 204 : 200, given);
}

/** Answers when every effect that became due is applied. */
async function advance({ world }: Control, { body }: ControlRequest): Promise<object> {
  const seconds = body['seconds'];
  if (typeof seconds !== 'number' || !Number.isFinite(seconds) || seconds < 0) {
    throw new TypeError('advancing the clock: seconds must be a number that is not negative');
  }
  return await world.turns(async () => {
    await world.clock.advance(seconds);
    await settle(world.store, world.clock.now());
    return clockBody(world);
  });
}

/** That it is up, and what it uses: seconds of processor time since it began, and memory. */
function healthBody(): object {
  const { user, system } = process.cpuUsage();
  const memoryMb = process.memoryUsage.rss() / 1_048_576;
  return { status: 'ok', cpuSeconds: (user + system) / 1_000_000, memoryMb };
}

function clockBody({ clock }: World): object {
  const now = clock.now();
  return { mode: clock.mode, now, iso: new Date(now).toISOString() };
}

/** Runs `work` at the present simulated instant, in its turn. */
async function change<T>(
  { world }: Control,
  work: (tx: Transaction) => T | Promise<T>,
): Promise<T> {
  return await world.turns(async () => {
    const now = world.clock.now();
    await settle(world.store, now);
    const { result } = await world.store.transact(now, work);
    return result;
  });
}

function answerJson(response: ServerResponse, status: number, body?: object): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (body === undefined) {
    response.writeHead(status).end();
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(`${JSON.stringify(body)}\n`);
}
