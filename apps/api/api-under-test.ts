import 'reflect-metadata';
import { AsyncLocalStorage } from 'node:async_hooks';
import type { AddressInfo } from 'node:net';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import type { WorkflowClient } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import { defaultFailureConverter, defaultPayloadConverter } from '@temporalio/common';
import type { Problem } from '#libs/contracts/http/problem.ts';
import type { OperationOrder, Ticket } from '#libs/contracts/temporal.ts';
import type { DomainEvent } from '#libs/domain/events.ts';
import type { Operation } from '#libs/domain/operation.ts';
import type { ProvisionRequest } from '#libs/domain/provision-request.ts';
import type { LedgerReader } from '#libs/ledger/ledger.ts';
import { AppModule } from './app.module.ts';
import { equip } from './application.ts';
import { parseConfig } from './config.ts';
import { workflowClient } from './engine/engine.module.ts';
import { tokenVerifier } from './http/auth.guard.ts';
import { toGranted } from './http/caller.ts';
import type { Caller } from './http/caller.ts';
import { Refused } from './http/refused.ts';
import { ledgerReader } from './ledger/ledger.module.ts';

export const subscriptionId = '22222222-2222-2222-2222-222222222222';
const providers = `/subscriptions/${subscriptionId}/resourceGroups/rg/providers`;
export const clusterId = `${providers}/Microsoft.OperationalInsights/clusters/alpha`;
export const operationId = '7c6c66fb-0279-5b3a-8d51-ba076100138b';
export const planHash = 'a'.repeat(64);
const vaultId = `${providers}/Microsoft.KeyVault/vaults/v1`;
export const provision = {
  cluster: { subscriptionId, resourceGroup: 'rg', name: 'alpha' },
  region: 'West Europe',
  capacityGbPerDay: 500,
  key: { vaultId, name: 'kek', source: 'generate' },
};

export const operation: Operation = {
  id: operationId,
  kind: 'provision',
  cluster: clusterId,
  state: 'awaiting-approval',
  steps: [],
  findings: [],
  approval: { planHash, from: 'requester', reason: 'the plan is not the accepted one' },
  requestedBy: { objectId: 'ada', name: 'Ada' },
  requestedAt: '2026-01-01T00:00:00.000Z',
  seq: 3,
};

const place = {
  v: 1,
  stream: `operation/${operationId}`,
  cluster: clusterId,
  operationId,
} as const;

/** The events of an operation that was cancelled at once. */
export const events: DomainEvent[] = [
  {
    ...place,
    seq: 1,
    at: operation.requestedAt,
    type: 'OperationRequested',
    data: {
      kind: 'provision',
      request: {} as ProvisionRequest,
      requestedBy: operation.requestedBy,
    },
  },
  {
    ...place,
    seq: 2,
    at: '2026-01-01T00:00:01.000Z',
    type: 'OperationEnded',
    data: { outcome: { result: 'cancelled', summary: 's', findings: [], evidence: [] } },
  },
];

const nothingKept: LedgerReader['stretch'] = async () => undefined;

/** A stand-in for the engine: what it holds, and what it was told. */
export const engine = {
  cards: new Map<string, object>(),
  tickets: new Map<string, Ticket>(),
  starts: [] as { workflowId: string; order: OperationOrder; args: unknown }[],
  updates: [] as { name: string; workflowId: string; args: unknown; updateId: string }[],
  hasEnded: false,
  /** What the ledger keeps, by stream. */
  kept: new Map<string, DomainEvent[]>(),
  /** What the ledger hands out as evidence. */
  stretch: nothingKept,
  /** What stands in the histories of operations that still run, by stream. */
  running: new Map<string, DomainEvent[]>(),
  /** Server calls that wait for news. */
  waiting: 0,
  /** Whether calls that read are answered at all. */
  isAway: false,
};

const ledgerStandIn: LedgerReader = {
  read: async (stream, fromSeq = 1) =>
    (engine.kept.get(stream) ?? []).filter(({ seq }) => seq >= fromSeq),
  readOperation: async () => [],
  verifyChain: async () => ({ intact: true, length: 0, head: '' }),
  stretch: async (of, atMost) => engine.stretch(of, atMost),
  close: async () => {},
};

const stopped = new AsyncLocalStorage<AbortSignal>();

const grpcError = (code: number): Error =>
  Object.assign(new Error(`gRPC ${code}`), { code, details: '', metadata: {} });

/** A long poll without news. */
async function untilStopped(): Promise<void> {
  engine.waiting += 1;
  await new Promise<void>((resolve) => {
    stopped.getStore()?.addEventListener('abort', () => resolve());
  });
  engine.waiting -= 1;
  throw grpcError(1);
}

/** The engine as the API sees it: cards in memos, and answers by update id. */
const engineStandIn = {
  options: {
    namespace: 'default',
    loadedDataConverter: {
      payloadConverter: defaultPayloadConverter,
      failureConverter: defaultFailureConverter,
      payloadCodecs: [],
    },
  },
  withDeadline: <R>(_: number, send: () => Promise<R>) => send(),
  withAbortSignal: <R>(signal: AbortSignal, send: () => Promise<R>) => stopped.run(signal, send),
  workflowService: {
    countWorkflowExecutions: async ({ query }: { query: string }) => {
      if (engine.isAway) throw grpcError(14);
      return { count: query.includes("'attention'") ? 2 : 0 };
    },
    getWorkflowExecutionHistory: async (request: {
      execution: { workflowId: string };
      nextPageToken: Uint8Array | null;
    }) => {
      if (engine.isAway) throw grpcError(14);
      const events = engine.running.get(request.execution.workflowId);
      if (events === undefined) throw grpcError(5);
      if (request.nextPageToken !== null) await untilStopped();
      const memo = { fields: { events: defaultPayloadConverter.toPayload(events) } };
      return {
        history: { events: [{ workflowExecutionStartedEventAttributes: { memo } }] },
        nextPageToken: Buffer.from('more'),
      };
    },
  },
  getHandle: (workflowId: string) => ({
    describe: async () => {
      const card = engine.cards.get(workflowId);
      if (card === undefined) throw new WorkflowNotFoundError('not found', workflowId, undefined);
      return { workflowId, status: { name: 'RUNNING' }, memo: { card, events: [] } };
    },
    executeUpdate: async (name: string, options: { args: unknown; updateId: string }) => {
      if (engine.hasEnded) throw new WorkflowNotFoundError('completed', workflowId, undefined);
      engine.updates.push({ name, workflowId, ...options });
      return engine.cards.get(workflowId);
    },
  }),
  executeUpdateWithStart: async (
    _: string,
    {
      args: [order],
      updateId,
      startWorkflowOperation: start,
    }: {
      args: [OperationOrder];
      updateId: string;
      startWorkflowOperation: { options: { workflowId: string; args: unknown } };
    },
  ) => {
    const { workflowId, args } = start.options;
    engine.starts.push({ workflowId, order, args });
    const ticket = { operationId: order.operationId, bodyHash: order.bodyHash };
    const first = engine.tickets.get(updateId) ?? ticket;
    engine.tickets.set(updateId, first);
    return first;
  },
} as unknown as WorkflowClient;

/** A token here is the name of a person and the roles: `ada.operator`, `ada.operator+subscription`. */
async function verifyStandIn(token: string): Promise<Caller> {
  const [name = '', ...roles] = token.replaceAll('+', ':').split('.');
  if (roles.length === 0) {
    throw new Refused({ code: 'unauthenticated', reason: 'the token is not accepted: no roles' });
  }
  const until = Date.now() + 3_600_000;
  return { tenantId: 't', person: { objectId: name, name }, granted: toGranted(roles), until };
}

/** A started API, and a way to call it. */
export interface ApiUnderTest {
  readonly app: NestExpressApplication;
  readonly baseUrl: string;
  readonly call: (route: string, sent?: Sent) => Promise<Answered>;
}

/** Starts the API on a free port, before an engine and an identity provider that are stand-ins. */
export async function startApi(): Promise<ApiUnderTest> {
  const config = parseConfig({
    KEYTURN_TENANT_ID: '11111111-1111-1111-1111-111111111111',
    TEMPORAL_ADDRESS: '127.0.0.1:1',
    LOG_LEVEL: 'silent',
  });
  const module = await Test.createTestingModule({ imports: [AppModule.forConfig(config)] })
    .overrideProvider(workflowClient)
    .useValue(engineStandIn)
    .overrideProvider(ledgerReader)
    .useValue(ledgerStandIn)
    .overrideProvider(tokenVerifier)
    .useValue(verifyStandIn)
    .compile();
  const app = equip(module.createNestApplication<NestExpressApplication>({ bodyParser: false }));
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  const baseUrl = `http://127.0.0.1:${port}`;
  return { app, baseUrl, call: (route, sent) => call(baseUrl, route, sent) };
}

/** Empties the engine but for one operation. */
export function resetEngine(): void {
  engine.cards.clear();
  engine.tickets.clear();
  engine.starts = [];
  engine.updates = [];
  engine.hasEnded = false;
  engine.kept.clear();
  engine.stretch = nothingKept;
  engine.running.clear();
  engine.isAway = false;
  engine.cards.set(`operation/${operationId}`, operation);
}

interface Sent {
  readonly as?: string;
  readonly key?: string;
  readonly body?: unknown;
}

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly answer: Problem & Record<string, unknown>;
}

async function call(baseUrl: string, route: string, sent: Sent = {}): Promise<Answered> {
  const { as = 'ada.operator', key, body } = sent;
  const [method = 'GET', path = '/'] = route.split(' ');
  const response = await fetch(`${baseUrl}${path}`, {
    method,
    headers: {
      ...(as !== '' && { authorization: `Bearer ${as}` }),
      ...(key !== undefined && { 'idempotency-key': key }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const answer = (await response.json()) as Answered['answer'];
  return { status: response.status, headers: response.headers, answer };
}
