/**
 * The right to write to a cluster or a key: a main lane with one holder, the others in order of asking, and an
 * emergency lane that overtakes it. Who only uses a key shares the main lane with others who do. Pure; the
 * entity owns it.
 */
export interface Lane {
  /** Counts grants of either lane; a message with an older fence is ignored. */
  readonly fence: number;
  /** Who holds it alone. */
  readonly holder?: string;
  /** Who share it, in order of their grants; nobody holds it alone meanwhile. */
  readonly shared?: readonly Grant[];
  readonly queue: readonly string[];
  /** Of those who wait, who are content to share it. */
  readonly sharing?: readonly string[];
  /** While it is held nobody is given the main lane. */
  readonly emergency?: { readonly holder: string; readonly queue: readonly string[] };
  /** Epoch ms of the last holder when it let go: time never runs backwards for a cluster. */
  readonly notBefore: number;
}

export interface Grant {
  readonly operationId: string;
  readonly fence: number;
}

export type LaneName = 'main' | 'shared' | 'emergency';

export const freeLane: Lane = { fence: 0, queue: [], notBefore: 0 };

/** Asks for the main lane; asking twice changes nothing. */
export function askLane(lane: Lane, operationId: string): Lane {
  if (isIn(lane, operationId)) return lane;
  return admit({ ...lane, queue: [...lane.queue, operationId] });
}

/** Asks to share the main lane, behind all who wait already: who wants it alone is not kept waiting for ever. */
export function askToShare(lane: Lane, operationId: string): Lane {
  if (isIn(lane, operationId)) return lane;
  const sharing = [...(lane.sharing ?? []), operationId];
  return admit({ ...lane, queue: [...lane.queue, operationId], sharing });
}

/**
 * Asks for the emergency lane, which is given at once: who holds the main lane loses it to it, and is the
 * next to have it again. Only another emergency is waited for.
 */
export function askEmergencyLane(lane: Lane, operationId: string): Lane {
  const { emergency, holder, shared, ...rest } = lane;
  if (emergency === undefined) {
    const sharers = (shared ?? []).map((grant) => grant.operationId);
    const queue = [...(holder === undefined ? [] : [holder]), ...sharers, ...lane.queue];
    const sharing = [...sharers, ...(lane.sharing ?? [])];
    const taken = { holder: operationId, queue: [] };
    const lost = sharing.length === 0 ? rest : { ...rest, sharing };
    return { ...lost, queue, emergency: taken, fence: lane.fence + 1 };
  }
  if (emergency.holder === operationId || emergency.queue.includes(operationId)) return lane;
  return { ...lane, emergency: { ...emergency, queue: [...emergency.queue, operationId] } };
}

/** Lets go of whichever lane has this fence; an old fence changes nothing. The next in order becomes holder. */
export function releaseLane(lane: Lane, fence: number, now: number): Lane {
  const held = grantsOf(lane).find((grant) => grant.fence === fence);
  if (held === undefined) return lane;
  return letGo({ ...lane, notBefore: Math.max(lane.notBefore, now) }, held.operationId);
}

/** Forgets an operation that has ended, whether it held a lane or waited for one. */
export function forgetInLane(lane: Lane, operationId: string): Lane {
  if (holdersOf(lane).includes(operationId)) return letGo(lane, operationId);
  const others = (queue: readonly string[]) => queue.filter((waiting) => waiting !== operationId);
  const { emergency } = lane;
  // Who wanted it alone may have stood before others who would share it.
  return admit({
    ...lane,
    queue: others(lane.queue),
    ...(lane.sharing === undefined ? {} : { sharing: others(lane.sharing) }),
    ...(emergency === undefined
      ? {}
      : { emergency: { ...emergency, queue: others(emergency.queue) } }),
  });
}

/** Who holds a lane now, each with the fence of its grant, in order of the grants. */
export function grantsOf({ emergency, holder, shared, fence }: Lane): readonly Grant[] {
  const alone = emergency?.holder ?? holder;
  return alone === undefined ? (shared ?? []) : [{ operationId: alone, fence }];
}

/** Who may write now: of two lanes, the emergency lane's holder. */
export const holdersOf = (lane: Lane): string[] =>
  grantsOf(lane).map(({ operationId }) => operationId);

/** Whether nobody holds a lane or waits for one. */
export const isFree = (lane: Lane): boolean =>
  holdersOf(lane).length === 0 && lane.queue.length === 0;

const isIn = (lane: Lane, operationId: string): boolean =>
  lane.holder === operationId ||
  lane.queue.includes(operationId) ||
  (lane.shared ?? []).some((grant) => grant.operationId === operationId);

/** Gives the main lane to the first who wait, as far as it is free for them. */
function admit(lane: Lane): Lane {
  const { holder, emergency, shared = [], sharing = [], fence } = lane;
  const [next, ...queue] = lane.queue;
  if (next === undefined || holder !== undefined || emergency !== undefined) return lane;
  if (sharing.includes(next)) {
    return admit({
      ...lane,
      queue,
      sharing: sharing.filter((waiting) => waiting !== next),
      shared: [...shared, { operationId: next, fence: fence + 1 }],
      fence: fence + 1,
    });
  }
  return shared.length > 0 ? lane : { ...lane, queue, holder: next, fence: fence + 1 };
}

/** Takes its lane from a holder, and passes it on. */
function letGo(lane: Lane, operationId: string): Lane {
  const { holder, emergency, shared, ...free } = lane;
  if (emergency !== undefined) {
    const [urgent, ...others] = emergency.queue;
    if (urgent === undefined) return admit(free);
    return { ...free, emergency: { holder: urgent, queue: others }, fence: lane.fence + 1 };
  }
  if (holder === operationId || shared === undefined) return admit(free);
  return admit({ ...free, shared: shared.filter((grant) => grant.operationId !== operationId) });
}
