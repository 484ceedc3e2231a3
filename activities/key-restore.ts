import { AzureError, isAbsent } from '#libs/azure/azure-error.ts';
import type { Azure, Call, KeyVersionFacts } from '#libs/azure/azure.ts';
import { formatKeyVersionId, vaultUriOf, type ClusterId } from '#libs/domain/azure-ids.ts';
import { isRevokedFor } from '#libs/domain/recovery.ts';

import { callAzure, type Attempt } from './azure-call.ts';
import { again, final } from './failures.ts';
import { toVersionSeen } from './key-facts.ts';
import { rotationOf, setRotating, withoutRevokedTags } from './key-switch.ts';
import { whileAccessSpreads } from './keys.ts';
import { vaultIdOf } from './resource-ids.ts';

/** A key that is had back answers after some seconds (R179). */
const backRetryMs = 3_000;
/** After which a key that was asked back and is nowhere to be found has been purged. */
const backWithinMs = 120_000;

export interface RestoreOrder {
  readonly vaultId: string;
  readonly keyName: string;
  /** Only what a revocation of this cluster disabled is enabled. */
  readonly cluster: ClusterId;
  /** How long, in ms, being shut out may only mean that our own access spreads. */
  readonly accessSpreadMs: number;
}

export interface KeyRestored {
  /** Whether the key was deleted, and is had back. */
  readonly recovered: boolean;
  /** Identifiers of the versions that were enabled. */
  readonly enabled: readonly string[];
  /** Whether the vault rotates the key again, which the revocation had suspended. */
  readonly resumed: boolean;
  readonly requestId: string;
}

/** What an attempt has begun, told before it is sent. */
interface Told {
  readonly recoveredAt?: number;
  readonly enabled: readonly string[];
  readonly resumed: boolean;
}

/** The deed that undoes what a revocation, or a deletion, did to a key (R90). */
export function keyRestoreActivities(azure: Azure) {
  return {
    /**
     * Has the key back where it is deleted, has the vault rotate it again, and enables the versions that a
     * revocation of the cluster disabled, and no others: what was retired stays as it is.
     */
    async restoreKey(order: RestoreOrder): Promise<KeyRestored> {
      return await callAzure(async (call, attempt) => {
        const versions = await whileAccessSpreads(() => readVersions(order, call), order);
        if (versions.length === 0) return await haveBack(order, call, attempt);
        const ours = versions.filter((version) => isOurs(version, order));
        await resume(order, { ours, attempt }, call);
        for (const version of ours) await enable(order, { version, attempt }, call);
        const after = await azure.keys.versions(uriOf(order), order.keyName, call);
        if (after.value.some((version) => isOurs(version, order))) {
          throw again(
            'Busy',
            `enabling versions of ${nameOf(order)}: not readable yet`,
            backRetryMs,
          );
        }
        const { recoveredAt, enabled, resumed } = toldBy(attempt);
        const recovered = recoveredAt !== undefined;
        return { recovered, enabled, resumed, requestId: after.requestId };
      });
    },
  };

  async function readVersions(order: RestoreOrder, call: Call): Promise<KeyVersionFacts[]> {
    return (await azure.keys.versions(uriOf(order), order.keyName, call)).value;
  }

  /** @throws ApplicationFailure always: the next attempt finds the key, or a person hears that it is gone */
  async function haveBack(order: RestoreOrder, call: Call, attempt: Attempt): Promise<never> {
    const told = toldBy(attempt);
    const { value: deleted } = await azure.keys.readDeleted(uriOf(order), order.keyName, call);
    if (deleted !== undefined) {
      attempt.tell({ ...told, recoveredAt: attempt.now() } satisfies Told);
      try {
        await azure.keys.recover(uriOf(order), order.keyName, call);
      } catch (error) {
        // Had back by an earlier request of ours or by somebody else, or purged: the next look tells.
        if (!(error instanceof AzureError) || !isAbsent(error)) throw error;
      }
      throw again('StillRunning', `recovering key ${nameOf(order)}: on its way`, backRetryMs);
    }
    const { recoveredAt } = told;
    if (recoveredAt !== undefined && attempt.now() - recoveredAt < backWithinMs) {
      throw again('StillRunning', `recovering key ${nameOf(order)}: not readable yet`, backRetryMs);
    }
    throw final('NotAsExpected', `recovering key ${nameOf(order)}: it is not there, nor kept`);
  }

  async function resume(
    order: RestoreOrder,
    { ours, attempt }: { ours: readonly KeyVersionFacts[]; attempt: Attempt },
    call: Call,
  ): Promise<void> {
    const rotate = ours.map(rotationOf).find((trigger) => trigger !== undefined);
    if (rotate === undefined) return;
    attempt.tell({ ...toldBy(attempt), resumed: true } satisfies Told);
    await setRotating(azure, { vaultUri: uriOf(order), name: order.keyName, rotate }, call);
  }

  async function enable(
    order: RestoreOrder,
    { version, attempt }: { version: KeyVersionFacts; attempt: Attempt },
    call: Call,
  ): Promise<void> {
    const id = { vaultUri: uriOf(order), name: order.keyName, version: version.version };
    const told = toldBy(attempt);
    const enabled = [...new Set([...told.enabled, formatKeyVersionId(id)])];
    attempt.tell({ ...told, enabled } satisfies Told);
    await azure.keys.change(id, { enabled: true, tags: withoutRevokedTags(version.tags) }, call);
  }
}

const toldBy = (attempt: Attempt): Told =>
  (attempt.told() as Told | undefined) ?? { enabled: [], resumed: false };

const isOurs = (version: KeyVersionFacts, { cluster }: RestoreOrder): boolean =>
  isRevokedFor(toVersionSeen(version), cluster);

const uriOf = ({ vaultId }: RestoreOrder): string => vaultUriOf(vaultIdOf(vaultId));

const nameOf = ({ vaultId, keyName }: RestoreOrder): string => `${vaultId}/keys/${keyName}`;
