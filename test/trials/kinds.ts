import type { Client } from '#libs/client/client.ts';
import { formatClusterId } from '#libs/domain/azure-ids.ts';
import { faults, revocations, type Fault } from './faults.ts';
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
  /** What it is put to. */
  readonly faults: readonly Fault[];
}

const provision: Order = {
  name: 'provision',
  send: async (client, { order }, idempotencyKey) =>
    await client.provisionCluster(order, { idempotencyKey }),
};

/** Of a cluster that follows the latest version by itself. */
const provisionAutomatic: Order = {
  name: 'provision',
  send: async (client, { order }, idempotencyKey) => {
    const key = { ...order.key, mode: 'automatic' } as const;
    return await client.provisionCluster({ ...order, key }, { idempotencyKey });
  },
};

const rotate: Order = {
  name: 'rotate',
  send: async (client, { order }, idempotencyKey) =>
    await client.operateCluster(order.cluster, { kind: 'rotate', to: 'new' }, { idempotencyKey }),
};

/** A rotation that leaves its old version to what comes after it. */
const leave: Order = {
  name: 'leave',
  send: async (client, { order }, idempotencyKey) =>
    await client.operateCluster(
      order.cluster,
      { kind: 'rotate', to: 'new', retire: false },
      { idempotencyKey },
    ),
};

const retireVersion: Order = {
  name: 'retire-version',
  send: async (client, { order }, idempotencyKey) => {
    const cluster = formatClusterId(order.cluster);
    const { items } = await client.listOperations({ cluster, kind: 'provision' });
    // The version that it was made with, as its step tells.
    const kid = items[0]?.steps.find(({ name }) => name === 'key')?.detail ?? '';
    const version = kid.split('/').at(-1) ?? '';
    const body = { kind: 'retire-version', version, keepHours: 0 } as const;
    return await client.operateCluster(order.cluster, body, { idempotencyKey });
  },
};

const replaceKey: Order = {
  name: 'replace-key',
  send: async (client, { order }, idempotencyKey) => {
    const key = { vaultId: `${order.key.vaultId}-2`, name: 'cmk' };
    const body = { kind: 'replace-key', key, reason: 'a trial' } as const;
    return await client.operateCluster(order.cluster, body, { idempotencyKey });
  },
};

const revokeBy = (name: string, by: 'grant' | 'versions'): Order => ({
  name,
  send: async (client, { order }, idempotencyKey) =>
    await client.operateCluster(
      order.cluster,
      { kind: 'revoke', reason: 'a trial', by },
      { idempotencyKey },
    ),
});

const revoke = revokeBy('revoke', 'grant');
const revokeVersions = revokeBy('revoke-versions', 'versions');

const recover: Order = {
  name: 'recover',
  send: async (client, { order }, idempotencyKey) =>
    await client.operateCluster(order.cluster, { kind: 'recover' }, { idempotencyKey }),
};

/** One line for each kind. */
export const kinds: readonly Kind[] = [
  { ...provision, after: [], faults },
  { ...rotate, after: [provision], faults },
  { ...retireVersion, after: [provision, leave], faults },
  { ...replaceKey, after: [provision], faults },
  { ...revoke, after: [provision], faults },
  { ...revokeVersions, after: [provision], faults },
  { ...recover, after: [provision, revoke], faults },
  { ...recover, name: 'recover-versions', after: [provision, revokeVersions], faults },
  { ...leave, name: 'overtaken', after: [provision], faults: revocations },
  { ...leave, name: 'overtaken-automatic', after: [provisionAutomatic], faults: revocations },
];

/** @throws when there is none of that name */
export function kindNamed(name: string): Kind {
  const kind = kinds.find((each) => each.name === name);
  if (kind === undefined) throw new Error(`there is no operation ${name} to put to trial`);
  return kind;
}
