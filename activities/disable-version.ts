import { ApplicationFailure } from '@temporalio/common';

import type { Azure, Call, ClusterFacts, KeyVersionFacts } from '#libs/azure/azure.ts';
import { sameId, vaultUriOf } from '#libs/domain/azure-ids.ts';
import { blocker } from '#libs/domain/findings.ts';
import { inUse, usersOf } from '#libs/domain/retirement.ts';

import { callAzure } from './azure-call.ts';
import { isMoving } from './clusters.ts';
import { again, final, type FailureType } from './failures.ts';
import { vaultIdOf } from './resource-ids.ts';
import { readUsers, type KeyOfVault } from './retirement.ts';
import { retiredTag } from './version-tags.ts';

const readBackMs = 3_000;
const movingRetryMs = 15_000;

export interface DisableOrder extends KeyOfVault {
  readonly version: string;
  readonly operationId: string;
  /** Of the cluster that it is done for; others are read as well. */
  readonly subscriptionId: string;
}

export interface VersionDisabled {
  readonly kid: string;
  /** Whether this operation disabled it; else it was so already. */
  readonly changed: boolean;
  /** How many clusters were read that are on the key, and use another version. */
  readonly others: number;
  readonly requestId: string;
}

/** The deed that retires a version of a key. */
export function disableVersionActivities(azure: Azure) {
  return {
    /**
     * Disables a version that no cluster is on, and reads it back. Clusters are read right before and once
     * more after it: who took the version up in between has it back at once (R96).
     */
    async disableKeyVersion(order: DisableOrder): Promise<VersionDisabled> {
      return await callAzure(async (call) => {
        const before = await readVersion(order, call);
        const isOurs = before.version.tags[retiredTag] === order.operationId;
        if (!before.version.enabled && !isOurs) {
          const { version, requestId } = before;
          return { kid: version.kid, changed: false, others: 0, requestId };
        }
        if (before.version.enabled) {
          await refuseUsed(order, before.all, call);
          await switchTo(false, order, before.version, call);
        }
        const after = await readVersion(order, call);
        if (after.version.enabled) {
          throw again('Busy', `disabling ${after.version.kid}: not readable yet`, readBackMs);
        }
        const others = await refuseUsed(order, after.all, call).catch(async (error: unknown) => {
          if (isRefusal(error)) await switchTo(true, order, after.version, call);
          throw error;
        });
        return { kid: after.version.kid, changed: true, others, requestId: after.requestId };
      });
    },
  };

  async function readVersion({ vaultId, keyName, version }: DisableOrder, call: Call) {
    const vaultUri = vaultUriOf(vaultIdOf(vaultId));
    const { value: all, requestId } = await azure.keys.versions(vaultUri, keyName, call);
    const found = all.find((each) => sameId(each.version, version));
    if (found !== undefined) return { version: found, all, requestId };
    const reason = `the key has no version ${version}`;
    const target = `${vaultId}/keys/${keyName}`;
    const finding = blocker('key_missing', 'R59', { reason, target });
    throw final('RefusedByRule', `disabling ${target}: ${reason}`, finding);
  }

  async function switchTo(
    enabled: boolean,
    { vaultId, keyName, operationId }: DisableOrder,
    ...[{ version, tags }, call]: [KeyVersionFacts, Call]
  ): Promise<void> {
    const { [retiredTag]: _, ...others } = tags;
    const id = { vaultUri: vaultUriOf(vaultIdOf(vaultId)), name: keyName, version };
    const told = enabled ? others : { ...others, [retiredTag]: operationId };
    await azure.keys.change(id, { enabled, tags: told }, call);
  }

  /** Answers how many clusters are on the key with other versions. @throws RefusedByRule, Busy */
  async function refuseUsed(
    order: DisableOrder,
    versions: readonly KeyVersionFacts[],
    call: Call,
  ): Promise<number> {
    const { clusters, users } = await readUsers(azure, order, call);
    const [user] = usersOf(order, { users, versions });
    if (user !== undefined) {
      const kid = versions.find((each) => sameId(each.version, order.version))?.kid ?? '';
      const finding = inUse(user, { version: order.version, kid });
      throw final('RefusedByRule', `disabling ${kid}: ${finding.reason}`, finding);
    }
    const moving = clusters.find(mayBeComing);
    if (moving === undefined) return users.length;
    const message = `disabling version ${order.version}: cluster ${moving.id} is being changed`;
    throw again('Busy', message, movingRetryMs);
  }
}

const isRefusal = (error: unknown): boolean =>
  error instanceof ApplicationFailure && error.type === ('RefusedByRule' satisfies FailureType);

/** While a cluster goes over to a key it shows the one before (R57); one that is being made has none yet (R35). */
const mayBeComing = (cluster: ClusterFacts): boolean =>
  isMoving(cluster) && (cluster.key !== undefined || /updating/iu.test(cluster.provisioningState));
