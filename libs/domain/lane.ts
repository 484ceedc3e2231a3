/** The right to write to a cluster: one holder, the others in order of asking. Pure; the entity owns it. */
export interface Lane {
  /** Counts grants; a message with an older fence is ignored. */
  readonly fence: number;
  readonly holder?: string;
  readonly queue: readonly string[];
  /** Epoch ms of the last holder when it let go: time never runs backwards for a cluster. */
  readonly notBefore: number;
}

export const freeLane: Lane = { fence: 0, queue: [], notBefore: 0 };

/** Asks for the lane; asking twice changes nothing. */
export function askLane(lane: Lane, operationId: string): Lane {
  if (lane.holder === operationId || lane.queue.includes(operationId)) return lane;
  if (lane.holder === undefined) return { ...lane, holder: operationId, fence: lane.fence + 1 };
  return { ...lane, queue: [...lane.queue, operationId] };
}

/** Lets go of the lane; an old fence changes nothing. The next in the queue becomes its holder. */
export function releaseLane(lane: Lane, fence: number, now: number): Lane {
  if (lane.holder === undefined || fence !== lane.fence) return lane;
  return passOn({ ...lane, notBefore: Math.max(lane.notBefore, now) });
}

/** Forgets an operation that has ended, whether it held the lane or waited for it. */
export function forgetInLane(lane: Lane, operationId: string): Lane {
  if (lane.holder === operationId) return passOn(lane);
  return { ...lane, queue: lane.queue.filter((waiting) => waiting !== operationId) };
}

function passOn(lane: Lane): Lane {
  const [next, ...queue] = lane.queue;
  const { holder: _, ...free } = lane;
  return next === undefined
    ? { ...free, queue }
    : { ...free, holder: next, fence: lane.fence + 1, queue };
}
