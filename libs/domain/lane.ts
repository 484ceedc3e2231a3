/**
 * The right to write to a cluster: a main lane with one holder, the others in order of asking, and an
 * emergency lane that overtakes it. Pure; the entity owns it.
 */
export interface Lane {
  /** Counts grants of either lane; a message with an older fence is ignored. */
  readonly fence: number;
  readonly holder?: string;
  readonly queue: readonly string[];
  /** While it is held nobody is given the main lane. */
  readonly emergency?: { readonly holder: string; readonly queue: readonly string[] };
  /** Epoch ms of the last holder when it let go: time never runs backwards for a cluster. */
  readonly notBefore: number;
}

export type LaneName = 'main' | 'emergency';

export const freeLane: Lane = { fence: 0, queue: [], notBefore: 0 };

/** Asks for the main lane; asking twice changes nothing. */
export function askLane(lane: Lane, operationId: string): Lane {
  if (lane.holder === operationId || lane.queue.includes(operationId)) return lane;
  if (lane.holder === undefined && lane.emergency === undefined) {
    return { ...lane, holder: operationId, fence: lane.fence + 1 };
  }
  return { ...lane, queue: [...lane.queue, operationId] };
}

/**
 * Asks for the emergency lane, which is given at once: who holds the main lane loses it to it, and is the
 * next to have it again. Only another emergency is waited for.
 */
export function askEmergencyLane(lane: Lane, operationId: string): Lane {
  const { emergency, holder, ...rest } = lane;
  if (emergency === undefined) {
    const queue = holder === undefined ? lane.queue : [holder, ...lane.queue];
    const taken = { holder: operationId, queue: [] };
    return { ...rest, queue, emergency: taken, fence: lane.fence + 1 };
  }
  if (emergency.holder === operationId || emergency.queue.includes(operationId)) return lane;
  return { ...lane, emergency: { ...emergency, queue: [...emergency.queue, operationId] } };
}

/** Lets go of whichever lane has this fence; an old fence changes nothing. The next in order becomes holder. */
export function releaseLane(lane: Lane, fence: number, now: number): Lane {
  if (fence !== lane.fence || holderOf(lane) === undefined) return lane;
  return passOn({ ...lane, notBefore: Math.max(lane.notBefore, now) });
}

/** Forgets an operation that has ended, whether it held a lane or waited for one. */
export function forgetInLane(lane: Lane, operationId: string): Lane {
  if (holderOf(lane) === operationId) return passOn(lane);
  const others = (queue: readonly string[]) => queue.filter((waiting) => waiting !== operationId);
  const { emergency } = lane;
  return {
    ...lane,
    queue: others(lane.queue),
    ...(emergency === undefined
      ? {}
      : { emergency: { ...emergency, queue: others(emergency.queue) } }),
  };
}

/** Who may write now: of two lanes, the emergency lane's holder. */
export const holderOf = ({ emergency, holder }: Lane): string | undefined =>
  emergency?.holder ?? holder;

function passOn(lane: Lane): Lane {
  const { holder: _, emergency, ...free } = lane;
  const [urgent, ...others] = emergency?.queue ?? [];
  if (urgent !== undefined) {
    return { ...free, emergency: { holder: urgent, queue: others }, fence: lane.fence + 1 };
  }
  const [next, ...queue] = lane.queue;
  return next === undefined
    ? { ...free, queue }
    : { ...free, holder: next, fence: lane.fence + 1, queue };
}
