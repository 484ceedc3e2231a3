import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type Client } from '#libs/client/client.ts';
import { createTokenSource } from '../../tools/demo/tokens.ts';
import { startStack, type Stack } from '../../tools/stack/stack.ts';

/** The whole product as its users meet it, in virtual time, on data that goes when it stops. */
export interface Product {
  readonly stack: Stack;
  /** A client that speaks as one of the simulator's principals. */
  as(principal: string): Client;
  stop(): Promise<void>;
}

/** Starts the product beside the run's Temporal server, in a namespace of its own. */
export async function startProduct(temporalAddress: string): Promise<Product> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'keyturn-product-'));
  const lines: string[] = [];
  const stack = await startStack({
    dataFolder,
    temporalAddress,
    virtualTime: true,
    namespace: `test-${crypto.randomUUID()}`,
    log: (process, line) => void lines.push(`${process}: ${line}`),
  });
  return {
    stack,
    as: (principal) =>
      createClient({ baseUrl: stack.api, token: createTokenSource(stack.simulator, principal) }),
    async stop() {
      await stack.stop();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}
