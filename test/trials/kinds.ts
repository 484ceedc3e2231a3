import type { Client } from '#libs/client/client.ts';
import type { Site } from './site.ts';

/** A kind of operation that is put to trial. */
export interface Kind {
  readonly name: string;
  /** Orders it on a fresh site. */
  readonly order: (client: Client, site: Site) => Promise<{ readonly operationId: string }>;
}

/** One line for each kind. */
export const kinds: readonly Kind[] = [
  {
    name: 'provision',
    order: async (client, { order, idempotencyKey }) =>
      client.provisionCluster(order, { idempotencyKey }),
  },
];

/** @throws when there is none of that name */
export function kindNamed(name: string): Kind {
  const kind = kinds.find((each) => each.name === name);
  if (kind === undefined) throw new Error(`there is no operation ${name} to put to trial`);
  return kind;
}
