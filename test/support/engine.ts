import type { Stack } from '../../tools/stack/stack.ts';
import { withEngine } from '../../tools/stack/engine.ts';

export { inspectNow, letTimeFly, withEngine } from '../../tools/stack/engine.ts';

/** How many events a workflow's history holds, those of virtual time aside. */
export const countEvents = async (stack: Place, workflowId: string): Promise<number> =>
  (await eventsOf(stack, workflowId)).length;

/** The same without workflow tasks, of which a busy machine makes more or fewer for the same work. */
export async function countDeeds(stack: Place, workflowId: string): Promise<number> {
  const events = await eventsOf(stack, workflowId);
  return events.filter((event) => !isWorkflowTask(event)).length;
}

type Place = Pick<Stack, 'temporal' | 'namespace'>;

async function eventsOf(stack: Place, workflowId: string): Promise<object[]> {
  const { events } = await withEngine(stack, async (client) =>
    client.getHandle(workflowId).fetchHistory(),
  );
  return (events ?? []).filter((event) => !isTimeSkip(event));
}

const isWorkflowTask = (event: object): boolean =>
  Object.keys(event).some((name) => name.startsWith('workflowTask'));

const isTimeSkip = (event: object): boolean =>
  Object.hasOwn(event, 'workflowExecutionTimeSkippingTransitionedEventAttributes');
