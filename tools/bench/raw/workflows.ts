import {
  allHandlersFinished,
  condition,
  defineUpdate,
  setHandler,
  startChild,
} from '@temporalio/workflow';
import { raw } from './names.ts';

/**
 * The least that accepting a request durably can cost: an update-with-start whose handler starts a child
 * and awaits its start. What the product adds is what it is measured against this for.
 */
export async function rawEntity(): Promise<void> {
  let asked = false;
  setHandler(defineUpdate<string, [string]>(raw.ask), async (operationId) => {
    await startChild(rawOperation, { workflowId: operationId, parentClosePolicy: 'ABANDON' });
    asked = true;
    return operationId;
  });
  await condition(() => asked && allHandlersFinished());
}

/** A child with nothing to do. */
export async function rawOperation(): Promise<void> {}
