import type { Client } from '#libs/client/client.ts';
import { watchOperation } from '#libs/client/watch-operation.ts';
import type { OperationBodyInput } from '#libs/contracts/http/operation-body.ts';
import { hasEnded, type OperationView } from '#libs/contracts/http/operation-views.ts';
import type { ProvisionBodyInput } from '#libs/contracts/http/provision-body.ts';
import { operationWorkflowId } from '#libs/contracts/temporal.ts';
import { letTimeFly } from './engine.ts';
import type { Product } from './product.ts';

const intervalMs = 50;

/**
 * Watches an operation until it is as wanted, e.g. in a state; answers how it is then.
 * @throws when it ends otherwise, with what it ended as
 */
export async function operationWhen(
  client: Client,
  id: string,
  isAsWanted: (operation: OperationView) => boolean,
): Promise<OperationView> {
  let last: OperationView | undefined;
  for await (const seen of watchOperation(client, id, { intervalMs })) {
    if (isAsWanted(seen)) return seen;
    last = seen;
  }
  throw new Error(`watching operation ${id}: it ended ${JSON.stringify(last?.outcome)}`);
}

/** Watches an operation to its end. */
export const endOf = async (client: Client, id: string): Promise<OperationView> =>
  await operationWhen(client, id, hasEnded);

/** Orders an operation on the cluster of a provision; answers its id. */
export async function ordered(
  client: Client,
  { cluster }: Pick<ProvisionBodyInput, 'cluster'>,
  body: OperationBodyInput,
): Promise<string> {
  const { operationId } = await client.operateCluster(cluster, body);
  return operationId;
}

/** Watches an operation to its end, over its waits, which are let fly. */
export async function flown(product: Product, id: string): Promise<OperationView> {
  await letTimeFly(product.stack, operationWorkflowId(id));
  return await endOf(product.as('reader'), id);
}
