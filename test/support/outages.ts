import type { ProvisionBodyInput } from '#libs/contracts/http/provision-body.ts';
import { formatClusterId } from '#libs/domain/azure-ids.ts';
import { readStorage } from '../../tools/demo/simulated-storage.ts';
import type { Product } from './product.ts';

/** For how long, in seconds, the storage of each cluster could not unwrap with its key so far. */
export const outagesOf = async (
  { stack }: Product,
  orders: readonly Pick<ProvisionBodyInput, 'cluster'>[],
): Promise<(number | undefined)[]> =>
  await Promise.all(
    orders.map(async ({ cluster }) => {
      const storage = await readStorage(stack.simulator, formatClusterId(cluster));
      return storage?.outageSeconds;
    }),
  );
