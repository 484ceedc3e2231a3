import type { Outcome } from '#libs/domain/events.ts';
import type { InspectionRequest } from '#libs/domain/operation-request.ts';
import type { OperationInput } from '#libs/domain/operation-stream.ts';

import { inspect } from './inspect.ts';

/** The first inspection of a cluster that others made: from then on it is looked after. */
export async function adopt(input: OperationInput<InspectionRequest>): Promise<Outcome> {
  return await inspect(input);
}
