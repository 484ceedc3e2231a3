/** A message to the entity of a key, which begins with the first. */
export interface KeyMessage {
  /** Workflow id. */
  readonly entity: string;
  /** Name of the signal. */
  readonly message: string;
  readonly arg: object;
}

/** Reaches the entities of keys. */
export interface KeyEntities {
  readonly tell: (message: KeyMessage) => Promise<void>;
}

/** Tells the entities of keys what operations ask of them; telling twice changes nothing. */
export function keyEntityActivities(entities: KeyEntities) {
  return {
    async tellKey(message: KeyMessage): Promise<void> {
      await entities.tell(message);
    },
  };
}
