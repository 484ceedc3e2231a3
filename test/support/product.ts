import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type Client } from '#libs/client/client.ts';
import { createTokenSource } from '../../tools/demo/tokens.ts';
import { placesIn } from '../../tools/stack/programs.ts';
import { startStack, type Stack } from '../../tools/stack/stack.ts';
import { requirePublishedShapes } from './published-schemas.ts';

/** The whole product as its users meet it, on data that goes when it stops. */
export interface Product {
  readonly stack: Stack;
  /** Where it keeps what it remembers. */
  readonly dataFolder: string;
  /** Every line its processes have logged, behind the name of the process. */
  readonly log: readonly string[];
  /** A client that speaks as one of the simulator's principals. */
  as(principal: string): Client;
  /** Ends it. Where the published schemas are at hand, throws if an exchange with Azure is not as they say. */
  stop(): Promise<void>;
}

export interface ProductOptions {
  /** False: waits take as long as they take; the simulator's clock is the machine's. */
  readonly virtualTime?: boolean;
  /** Divisor of the durations of Azure's work. */
  readonly pace?: number;
  /** Workspace that holds the audit of vaults; absent, none is read. */
  readonly auditWorkspace?: string;
  /** URL of the ledger's database; absent, it is a file. */
  readonly ledger?: string;
}

/**
 * Waits are real and Azure's work takes milliseconds. Operations that are to fly over their waits are told
 * so one by one (`letTimeFly`); unlike in virtual time, none of them starts behind the simulator's clock.
 */
export const realTime: ProductOptions = { virtualTime: false, pace: 10_000 };

/** Starts the product beside the run's Temporal server, in a namespace of its own; in virtual time by default. */
export async function startProduct(
  temporalAddress: string,
  options: ProductOptions = {},
): Promise<Product> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'keyturn-product-'));
  const log: string[] = [];
  const stack = await startStack({
    dataFolder,
    temporalAddress,
    virtualTime: true,
    ...options,
    namespace: `test-${crypto.randomUUID()}`,
    log: (process, line) => void log.push(`${process}: ${line}`),
  });
  return {
    stack,
    dataFolder,
    log,
    as: (principal) =>
      createClient({ baseUrl: stack.api, token: createTokenSource(stack.simulator, principal) }),
    async stop() {
      await stack.stop();
      await requirePublishedShapes(join(placesIn(dataFolder).simulator, 'exchanges.jsonl'));
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}
