import type { Client } from '#libs/client/client.ts';
import type { Site } from './site.ts';

/** An operation as it is ordered on a site, by the operator; an approver says yes where that is asked. */
export interface Order {
  readonly name: string;
  readonly send: (
    client: Client,
    site: Site,
    idempotencyKey: string,
  ) => Promise<{ readonly operationId: string }>;
}

/** A kind of operation that is put to trial. */
export interface Kind extends Order {
  /** What is done before it, undisturbed. */
  readonly after: readonly Order[];
}

const provision: Order = {
  name: 'provision',
  send: async (client, { order }, idempotencyKey) =>
    await client.provisionCluster(order, { idempotencyKey }),
};

const rotate: Order = {
  name: 'rotate',
  send: async (client, { order }, idempotencyKey) =>
    await client.operateCluster(order.cluster, { kind: 'rotate', to: 'new' }, { idempotencyKey }),
};

const revoke: Order = {
  name: 'revoke',
  send: async (client, { order }, idempotencyKey) =>
    await client.operateCluster(
      order.cluster,
      { kind: 'revoke', reason: 'a trial' },
      { idempotencyKey },
    ),
};

const recover: Order = {
  name: 'recover',
  send: async (client, { order }, idempotencyKey) =>
    await client.operateCluster(order.cluster, { kind: 'recover' }, { idempotencyKey }),
};

/** One line for each kind. */
export const kinds: readonly Kind[] = [
  { ...provision, after: [] },
  { ...rotate, after: [provision] },
  { ...revoke, after: [provision] },
  { ...recover, after: [provision, revoke] },
];

/** @throws when there is none of that name */
export function kindNamed(name: string): Kind {
  const kind = kinds.find((each) => each.name === name);
  if (kind === undefined) throw new Error(`there is no operation ${name} to put to trial`);
  return kind;
}
