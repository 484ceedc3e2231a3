import { log } from '@temporalio/activity';

import type { Azure, Call } from '#libs/azure/azure.ts';
import type { OperationOrder } from '#libs/contracts/temporal.ts';
import { parseClusterId } from '#libs/domain/azure-ids.ts';
import type { Cluster } from '#libs/domain/cluster.ts';
import type { DomainEvent } from '#libs/domain/events.ts';
import { versionToFollow } from '#libs/domain/following.ts';
import { inspectionFindings, toClusterSeen } from '#libs/domain/inspection.ts';
import type { Finding } from '#libs/domain/findings.ts';
import { newsOf, raisedBy } from '#libs/domain/rounds.ts';

import { callAzure } from './azure-call.ts';
import { followingOrder } from './follow-vault.ts';
import { inspectCluster } from './inspection.ts';

/** The entities of the clusters that Keyturn looks after, as a deed reaches them. */
export interface Fleet {
  /** A page of workflow ids of those to be inspected; `next` is absent on the last. */
  list(cursor?: string): Promise<{ readonly entities: readonly string[]; readonly next?: string }>;
  /** What the entity knows now; undefined when it is there no more. */
  read(entity: string): Promise<Cluster | undefined>;
  /** Tells the entity facts that were read of the cluster while it knew so many events, and no more. */
  tell(entity: string, events: readonly DomainEvent[], basedOn: number): Promise<void>;
  /** Orders an operation; one of the same ids is ordered once. False when the entity refuses it. */
  order(entity: string, order: OperationOrder): Promise<boolean>;
}

export interface RoundsOrder {
  readonly cursor?: string;
}

/** What became of a page of clusters. */
export interface Inspections {
  readonly next?: string;
  readonly inspected: number;
  /** Clusters of which something new was told. */
  readonly changed: number;
  /** Clusters that are to be bound to a version which appeared in their vault. */
  readonly followed: number;
  /** Clusters that Azure did not let be read: the next hour asks again. */
  readonly unread: number;
}

/** What an entity is to be told of its cluster, and which findings are new by that. */
export interface News {
  readonly entity: string;
  /** How many events the entity had when this was read. */
  readonly basedOn: number;
  readonly event: DomainEvent;
  readonly raised: readonly Finding[];
}

/** A page of clusters, of which nobody has been told yet. */
export interface InspectedPage extends Inspections {
  /** Absent where there is none. */
  readonly news?: readonly News[];
}

/** Clusters that are read at the same time: so few that people's own work is never throttled by it. */
const atOnce = 4;

/** The deed of the hourly inspection: one page of clusters, each read on its own account. */
export function inspectAllActivities(azure: Azure, fleet: Fleet) {
  return {
    async inspectPage({ cursor }: RoundsOrder): Promise<InspectedPage> {
      return await callAzure(async (call, attempt) => {
        const { entities, next } = await fleet.list(cursor);
        const results: Result[] = [];
        const news: News[] = [];
        const left = [...entities];
        const oneByOne = async () => {
          for (let entity = left.shift(); entity !== undefined; entity = left.shift())
            results.push(
              await inspectOne({ azure, fleet, news }, { entity, now: attempt.now() }, call),
            );
        };
        await Promise.all(Array.from({ length: atOnce }, oneByOne));
        const count = (wanted: Result) => results.filter((result) => result === wanted).length;
        const counts = {
          changed: count('changed'),
          followed: count('followed'),
          unread: count('unread'),
        };
        const inspected = results.length - counts.unread - count('gone');
        return {
          inspected,
          ...counts,
          ...(next === undefined ? {} : { next }),
          ...(news.length === 0 ? {} : { news }),
        };
      });
    },

    /** Tells the entities what is new; one that has learnt something else meanwhile takes no notice. */
    async tellNews(news: readonly News[]): Promise<void> {
      await callAzure(async () => {
        for (const { entity, event, basedOn } of news) await fleet.tell(entity, [event], basedOn);
      });
    },
  };
}

type Result = 'changed' | 'followed' | 'unchanged' | 'unread' | 'gone';

async function inspectOne(
  { azure, fleet, news }: { azure: Azure; fleet: Fleet; news: News[] },
  { entity, now }: { entity: string; now: number },
  call: Call,
): Promise<Result> {
  const known = await fleet.read(entity);
  const cluster = known && parseClusterId(known.id);
  if (known === undefined || cluster === undefined) return 'gone';
  try {
    const inspected = await inspectCluster(azure, { cluster, now }, call);
    const findings = inspected === undefined ? [] : inspectionFindings(inspected, now);
    const version = inspected && versionToFollow(known, inspected, now);
    if (version !== undefined) {
      const order = followingOrder({ entity, known, cluster }, version);
      // What else is new is told by the next hour: the entity has just learnt of an operation.
      if (await fleet.order(entity, order)) return 'followed';
    }
    const event = newsOf(known, inspected && toClusterSeen(inspected, findings), now);
    if (event === undefined) return 'unchanged';
    news.push({ entity, basedOn: known.seq, event, raised: raisedBy(known, event) });
    return 'changed';
  } catch (error) {
    if (call.signal.aborted) throw error;
    // An outage of one vault, or a right that is missing in one subscription, is no matter of the others.
    log.warn(`inspecting ${known.id}: it could not be read`, { error });
    return 'unread';
  }
}
