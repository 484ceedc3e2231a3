import { setTimeout } from 'node:timers/promises';
import type { Connection } from '@temporalio/client';
import { isGrpcServiceError } from '@temporalio/client';
import { msNumberToTs } from '@temporalio/common/lib/time.js';
// The package is CommonJS whose names Node cannot see: only its default import works outside a bundler.
import proto from '@temporalio/proto';

/**
 * How long workflows stay in Temporal after their end, on purpose: long enough that people who ask some weeks
 * later how something went find the whole history, and short enough that the server's database stays small.
 * Nothing rests on it: operations, their events and their evidence are read from the ledger, for ever.
 */
const retentionDays = 30;

type AttributeType = 'KEYWORD' | 'DATETIME';

/** A namespace and the search attributes it must know. */
export interface NamespaceSettings {
  readonly namespace: string;
  readonly searchAttributes: Readonly<Record<string, AttributeType>>;
}

const indexedTypes = {
  KEYWORD: proto.temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  DATETIME: proto.temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
} as const;

const grpcAlreadyExists = 6;

/** How the server calls a namespace, and an attribute, that its caches do not hold yet. */
const unknownYet: readonly (number | undefined)[] = [5, 3];

/** The server's caches are renewed every ten seconds, at the latest after a minute. */
const knownWithinMs = 70_000;

/**
 * Registers the namespace and its search attributes where they are missing; doing it twice changes
 * nothing. For servers of our own: Temporal Cloud manages both outside this interface.
 * Returns when both can be used, which the server's caches may delay by seconds.
 */
export async function ensureNamespace(
  connection: Pick<Connection, 'workflowService' | 'operatorService'>,
  settings: NamespaceSettings,
): Promise<void> {
  const { namespace } = settings;
  await unlessExisting(() =>
    connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: msNumberToTs(retentionDays * 86_400_000),
    }),
  );
  const known = await untilKnown(() =>
    connection.operatorService.listSearchAttributes({ namespace }),
  );
  const missing = Object.entries(settings.searchAttributes).filter(
    ([name]) => !(name in known.customAttributes),
  );
  if (missing.length === 0) return;
  await unlessExisting(() =>
    connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(
        missing.map(([name, type]) => [name, indexedTypes[type]]),
      ),
    }),
  );
  const query = missing.map(([name]) => `${name} IS NULL`).join(' AND ');
  await untilKnown(() =>
    connection.workflowService.listWorkflowExecutions({ namespace, query, pageSize: 1 }),
  );
}

async function unlessExisting(create: () => Promise<unknown>): Promise<void> {
  try {
    await create();
  } catch (error) {
    if (codeOf(error) !== grpcAlreadyExists) throw error;
  }
}

async function untilKnown<T>(read: () => Promise<T>): Promise<T> {
  const giveUpAt = Date.now() + knownWithinMs;
  for (;;) {
    try {
      return await read();
    } catch (error) {
      if (!unknownYet.includes(codeOf(error)) || Date.now() > giveUpAt) throw error;
    }
    await setTimeout(100);
  }
}

const codeOf = (error: unknown): number | undefined =>
  isGrpcServiceError(error) ? error.code : undefined;
