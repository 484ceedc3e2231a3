import type { OpenWorkflow } from '#libs/temporal/open-workflows.ts';

/** What the side process is asked to replay. */
export interface ReplayOrder {
  /** Path of the workflow bundle. */
  readonly bundle: string;
  readonly workflows: readonly OpenWorkflow[];
}

/** A workflow whose history the bundle does not go on from. */
export interface Divergence {
  readonly workflowId: string;
  readonly workflowType: string;
  readonly reason: string;
}

/** What came of it. */
export interface ReplayReport {
  /** Histories that were replayed; those that had been forgotten meanwhile are not counted. */
  readonly checked: number;
  readonly diverged: readonly Divergence[];
}
