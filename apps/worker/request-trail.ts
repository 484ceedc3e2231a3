/** What a step has asked of Azure through this worker: the latest ids, and the attempt that got furthest. */
export interface Trail {
  readonly azureRequestIds?: readonly string[];
  readonly attempt?: number;
}

/** Ids of one step that are worth a line: a long creation is polled hundreds of times. */
const idsKept = 20;

/** Operations remembered at once; the oldest goes first. */
const operationsKept = 1000;

/** Remembers Azure's request ids by operation, from one step to the next. */
export class RequestTrail {
  readonly #trails = new Map<string, { ids: string[]; attempt: number }>();

  note(workflowId: string, requestId: string, attempt: number): void {
    const trail = this.#trails.get(workflowId) ?? { ids: [], attempt: 0 };
    trail.attempt = Math.max(trail.attempt, attempt);
    trail.ids = [...trail.ids, requestId].slice(-idsKept);
    this.#trails.set(workflowId, trail);
    const [oldest] = this.#trails.keys();
    if (this.#trails.size > operationsKept && oldest !== undefined) this.#trails.delete(oldest);
  }

  /** What was noted since it was taken last; empty where another worker did the work. */
  take(workflowId: string): Trail {
    const trail = this.#trails.get(workflowId);
    this.#trails.delete(workflowId);
    return trail === undefined ? {} : { azureRequestIds: trail.ids, attempt: trail.attempt };
  }
}
