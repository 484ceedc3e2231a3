/** What overtakes an operation that stands at an exchange: a revocation, and the recovery after it. */
import { setTimeout } from 'node:timers/promises';
import { watchOperation } from '#libs/client/watch-operation.ts';
import type { OperationBodyInput } from '#libs/contracts/http/operation-body.ts';
import { hasEnded, type OperationView } from '#libs/contracts/http/operation-views.ts';
import { operationWorkflowId } from '#libs/contracts/temporal.ts';
import { formatClusterId } from '#libs/domain/azure-ids.ts';
import { letTimeFly } from '../support/engine.ts';
import { readWorld } from './azure-state.ts';
import { insist } from './insist.ts';
import { letVaultRotate } from './owner-of-key.ts';
import type { Site } from './site.ts';
import type { Stand } from './stand.ts';

/** How a cluster's data stands at an instant. */
export interface Reach {
  readonly isReadable: boolean;
  /** Of which it was out of reach so far. */
  readonly outageSeconds: number;
  /** Whether the version that the cluster shows, and those that its storage is wrapped by, are enabled. */
  readonly isOnEnabledVersion: boolean;
}

/** What came of it; what is absent was not reached. */
export interface Overtaken {
  readonly revocation?: OperationView;
  readonly recovery?: OperationView;
  /** Just before it; when all had ended; after the hour and a turn of the vault; after the recovery; an hour later. */
  readonly seen: Partial<Record<Instant, Reach>>;
}

export type Instant = 'before' | 'ended' | 'later' | 'recovered' | 'afterwards';

const lookEveryMs = 250;
/** Shorter than a client's deadline, which would end the hold. */
const bitesWithinMs = 40_000;
const endsWithinMs = 120_000;

export class Overtaking {
  readonly #stand: Stand;
  readonly #site: Site;
  readonly #by: 'grant' | 'versions';
  readonly #seen: Partial<Record<Instant, Reach>> = {};
  #revocationId = '';
  #revocation: OperationView | undefined;
  #recovery: OperationView | undefined;

  constructor(stand: Stand, site: Site, by: 'grant' | 'versions') {
    this.#stand = stand;
    this.#site = site;
    this.#by = by;
  }

  get told(): Overtaken {
    return {
      ...(this.#revocation !== undefined && { revocation: this.#revocation }),
      ...(this.#recovery !== undefined && { recovery: this.#recovery }),
      seen: this.#seen,
    };
  }

  async prepare(): Promise<void> {
    await letVaultRotate(this.#stand.simulator, this.#site);
  }

  /** Revokes by breaking the glass. @throws when that has no effect while the operation is held */
  async begin(): Promise<void> {
    await this.look('before');
    const by = this.#by;
    const body = { kind: 'revoke', reason: 'a trial', by, breakGlass: true } as const;
    this.#revocationId = await this.#order('approver', body);
    const giveUpAt = Date.now() + bitesWithinMs;
    for (;;) {
      // In this order: what ends between two looks has taken effect by the second.
      const { state } = await this.#stand.product.as('reader').readOperation(this.#revocationId);
      const { isReadable } = await this.#read();
      if (!isReadable) return;
      if (state !== 'planning' && state !== 'queued' && state !== 'running')
        throw new Error(`revoking: it is ${state}, and the data readable`);
      if (Date.now() > giveUpAt) throw new Error('revoking: it has no effect while all is held');
      await setTimeout(lookEveryMs);
    }
  }

  async end(): Promise<void> {
    this.#revocation = await this.#endOf(this.#revocationId);
  }

  async recover(): Promise<void> {
    this.#recovery = await this.#endOf(await this.#order('operator', { kind: 'recover' }));
  }

  async look(instant: Instant): Promise<void> {
    this.#seen[instant] = await this.#read();
  }

  async #order(principal: string, body: OperationBodyInput): Promise<string> {
    const { product } = this.#stand;
    const { cluster } = this.#site.order;
    const client = product.as(principal);
    const idempotencyKey = `${body.kind}-of-${this.#site.name}`;
    const { operationId } = await insist(async () =>
      client.operateCluster(cluster, body, { idempotencyKey }),
    );
    await letTimeFly(product.stack, operationWorkflowId(operationId));
    return operationId;
  }

  /** @throws when a person is asked, or it takes too long */
  async #endOf(operationId: string): Promise<OperationView> {
    const options = { intervalMs: lookEveryMs, signal: AbortSignal.timeout(endsWithinMs) };
    const client = this.#stand.product.as('reader');
    let last: OperationView | undefined;
    for await (const seen of watchOperation(client, operationId, options)) {
      last = seen;
      if (hasEnded(seen)) return seen;
      const { kind, attention } = seen;
      if (attention !== undefined)
        throw new Error(`${kind} asks: ${attention.reason} (${attention.seen})`);
    }
    throw new Error(`${last?.kind} is ${last?.state}`);
  }

  async #read(): Promise<Reach> {
    const world = (await readWorld(this.#stand.simulator)) as unknown as World;
    const clusterId = formatClusterId(this.#site.order.cluster).toLowerCase();
    const entries = Object.entries(world.storage);
    const storage = entries.find(([id]) => id.toLowerCase() === clusterId)?.[1];
    const cluster = world.clusters.find(({ name }) => name === this.#site.name);
    if (storage === undefined) throw new Error(`reading ${clusterId}: it has no storage`);
    const wrappedBy = storage.accounts.map(({ wrappedBy: kid }) => kid.split('/').at(-1));
    const bound = cluster?.key?.keyVersion;
    const isEnabled = (wanted: string | undefined) =>
      world.keyVersions.some(({ version, enabled }) => enabled && version === wanted);
    return {
      isReadable: storage.unwrapsNow,
      outageSeconds: storage.outageSeconds,
      isOnEnabledVersion: wrappedBy.every(isEnabled) && (bound === '' || isEnabled(bound)),
    };
  }
}

interface World {
  readonly storage: Readonly<Record<string, Storage>>;
  readonly keyVersions: readonly { readonly version: string; readonly enabled: boolean }[];
  readonly clusters: readonly {
    readonly name: string;
    readonly key?: { readonly keyVersion?: string };
  }[];
}

interface Storage {
  readonly unwrapsNow: boolean;
  readonly outageSeconds: number;
  readonly accounts: readonly { readonly wrappedBy: string }[];
}
