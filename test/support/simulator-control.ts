/** The control listener of the simulator that a product runs on, as specs ask it. */
import type { SimulatorFile } from '#libs/dial/dial.ts';
import { readExchanges, type Exchange } from '../../tools/stack/simulator-control.ts';

export { askControl, plantFault, readExchanges } from '../../tools/stack/simulator-control.ts';
export type { Exchange, FaultRule } from '../../tools/stack/simulator-control.ts';

/** What reached Azure so far on addresses that match, in order, and was answered without a fault. */
export async function exchangesOf(simulator: SimulatorFile, path: RegExp): Promise<Exchange[]> {
  const exchanges = await readExchanges(simulator);
  return exchanges.filter(({ url, fault }) => path.test(url) && fault === null);
}
