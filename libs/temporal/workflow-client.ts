import type { WorkflowClientOptions } from '@temporalio/client';
import { WorkflowClient } from '@temporalio/client';

/**
 * Skips allowed in a row before the server stops skipping by itself. Its default of 200 is too few for
 * a fortnight's wait with probes and polls.
 */
const maxSessionSkipCount = 100_000;

type StartInput = Parameters<WorkflowClient['createStartWorkflowRequest']>[0];

/**
 * Starts workflows in virtual time: the server jumps over every wait in which no work is in flight.
 * The SDK has no option for it yet, so the request is completed on its way out.
 */
class VirtualTimeWorkflowClient extends WorkflowClient {
  protected override async createStartWorkflowRequest(input: StartInput) {
    const request = await super.createStartWorkflowRequest(input);
    request.timeSkippingConfig = { enabled: true, maxSessionSkipCount };
    return request;
  }
}

/** How a workflow client counts time. */
export interface TimeSettings {
  readonly virtualTime: boolean;
  /** Path of a simulator.json; virtual time against the real cloud would act before its time. */
  readonly simulatorFile?: string;
}

/**
 * A workflow client that counts time as asked. Throws when virtual time is asked for without a
 * simulator: real deadlines would be skipped and real resources changed too early.
 */
export function createWorkflowClient(
  options: WorkflowClientOptions,
  time: TimeSettings,
): WorkflowClient {
  if (!time.virtualTime) return new WorkflowClient(options);
  if (time.simulatorFile === undefined) {
    throw new Error('creating a workflow client: virtual time is only allowed with a simulator');
  }
  return new VirtualTimeWorkflowClient(options);
}
