import type { Stack } from '../../tools/stack/stack.ts';
import { withEngine } from '../../tools/stack/engine.ts';

export { inspectNow, letTimeFly, withEngine } from '../../tools/stack/engine.ts';

/** How many events a workflow's history holds, those of virtual time aside. */
export async function countEvents(
  stack: Pick<Stack, 'temporal' | 'namespace'>,
  workflowId: string,
): Promise<number> {
  const { events } = await withEngine(stack, async (client) =>
    client.getHandle(workflowId).fetchHistory(),
  );
  return (events ?? []).filter((event) => !isTimeSkip(event)).length;
}

const isTimeSkip = (event: object): boolean =>
  Object.hasOwn(event, 'workflowExecutionTimeSkippingTransitionedEventAttributes');
