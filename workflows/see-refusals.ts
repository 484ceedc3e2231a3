import type { RefusalOrder } from '#activities/refusals.ts';

import { azure } from './proxies.ts';
import type { Done } from './work.ts';

/** Where no probe has seen that data is out of reach, the vault's audit may show that the key is refused (R89). */
export async function seeRefusals(done: Done, order: RefusalOrder): Promise<Done> {
  const isProven = done.evidence?.some(({ grade }) => grade !== 'assumed') === true;
  const shown = isProven ? undefined : await azure.readRefusals(order);
  return shown === undefined ? done : { ...done, detail: shown.claim, evidence: [shown] };
}
