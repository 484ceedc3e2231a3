import { AzureFault } from './azure-fault.ts';
import { findRoute } from './route.ts';
import type { Answer, Call, Route } from './route.ts';
import { errorBody } from './services.ts';
import type { Transaction } from './store.ts';

/** What a GET said before the last write that concerned it. */
interface PastAnswer {
  readonly path: string;
  /** When the write was accepted, epoch ms. */
  readonly writtenAt: number;
  readonly status: number;
  readonly body?: object;
}

const COLLECTION = '$past';

/** Keeps what GET says now of the written resource, of its collection and of the resource above it. */
export async function keepPast(routes: readonly Route[], call: Call): Promise<void> {
  const segments = call.path.split('/');
  for (const dropped of [0, 1, 2]) {
    const path = segments.slice(0, segments.length - dropped).join('/');
    const found = findRoute(routes, { service: call.service, method: 'GET', path });
    if (!found) continue;
    const { status, body } = await ask(found, { ...call, method: 'GET', path, body: undefined });
    const past: PastAnswer = { path, writtenAt: call.tx.now, status, ...(body && { body }) };
    call.tx.put(COLLECTION, path, past);
  }
}

/** What a stale cache answers to this request; undefined when none does. */
export function answerOfThePast(call: Call): Answer | undefined {
  const action = call.fault?.action;
  if (action?.kind !== 'stale' || call.method !== 'GET') return undefined;
  const past = call.tx.get<PastAnswer>(COLLECTION, call.path);
  if (past === undefined) return undefined;
  const { seconds = Number.POSITIVE_INFINITY } = action;
  if (call.tx.now >= past.writtenAt + seconds * 1000) return undefined;
  return { status: past.status, body: past.body };
}

/** Lets go of everything kept. */
export function forgetPast(tx: Transaction): void {
  for (const { path } of tx.list<PastAnswer>(COLLECTION)) tx.remove(COLLECTION, path);
}

async function ask(
  found: { route: Route; params: Record<string, string> },
  call: Call,
): Promise<{ status: number; body?: object }> {
  try {
    const { status, body } = await found.route.handle({ ...call, params: found.params });
    return { status, ...(typeof body === 'object' && body !== null ? { body } : {}) };
  } catch (error) {
    if (!(error instanceof AzureFault)) throw error;
    return { status: error.status, body: errorBody(call.service, error) };
  }
}
