import type { WorkflowClient } from '@temporalio/client';
import type { Client } from '#libs/client/client.ts';
import type { Stack } from '../stack/stack.ts';

/** What a measure works with. */
export interface Bench {
  readonly stack: Stack;
  /** The API as the simulator's operator. */
  readonly client: Client;
  /** Temporal itself, for histories and the raw measure. */
  readonly workflows: WorkflowClient;
  readonly signal: AbortSignal;
  /** Says what is being measured. */
  readonly tell: (text: string) => void;
}
