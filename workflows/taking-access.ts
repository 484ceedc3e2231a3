import { condition } from '@temporalio/workflow';

import type { SwitchedOff } from '#activities/key-switch.ts';
import type { Access } from '#activities/revocation.ts';
import type { ClusterId } from '#libs/domain/azure-ids.ts';
import { fact, type Evidence, type Fact } from '#libs/domain/events.ts';

import { notAsExpected } from './ending.ts';
import { azure } from './proxies.ts';
import type { Work } from './work.ts';

/** How long a deed of the operation that was overtaken may go on before it is looked again at what it did. */
const lookAgainMs = 30_000;
/** How often, until the effect is seen, it is looked for versions of the key that came up meanwhile. */
const lookForVersionsMs = 10 * 60_000;

export interface Taken {
  readonly detail: string;
  readonly facts: readonly Fact[];
  readonly evidence?: readonly Evidence[];
}

/** A way in which access to a key is taken away from a cluster. */
export interface Taking {
  /** Takes it away, again as long as a deed of an overtaken operation may still give it back. */
  take(): Promise<Taken>;
  /** How long it may be left alone until the effect is seen, ms; absent, as long as that takes. */
  readonly lookEveryMs?: number;
  /** Looks whether it is still away; answers whether something had to be taken away again. */
  keep(): Promise<boolean>;
}

/** Takes away the cluster's own grant, which touches nobody else. */
export function takingGrant(
  work: Pick<Work, 'othersWrite'>,
  { vaultId, principalId }: Access,
): Taking {
  return {
    async take() {
      await azure.removeGrant({ vaultId, principalId });
      while (work.othersWrite) {
        await condition(() => !work.othersWrite, lookAgainMs);
        await azure.removeGrant({ vaultId, principalId });
      }
      return {
        detail: `taken away from ${principalId}`,
        facts: [fact('GrantRemoved', { vaultId, principalId })],
      };
    },
    keep: async () => await Promise.resolve(false),
  };
}

interface SwitchOptions {
  readonly access: Access;
  readonly cluster: ClusterId;
  readonly operationId: string;
  /** How long our own access may spread, ms. */
  readonly accessSpreadMs: () => number;
}

/** Disables every version of the key, and those that come up until the effect is seen. */
export function takingVersions(
  work: Pick<Work, 'othersWrite' | 'timeline' | 'withKey'>,
  { access, cluster, operationId, accessSpreadMs }: SwitchOptions,
): Taking {
  const { vaultId, keyName } = access;
  let switchedOff: readonly string[] = [];
  const switchOff = async (known: readonly string[]): Promise<SwitchedOff> =>
    await azure.switchOffKey({
      vaultId,
      keyName,
      cluster,
      operationId,
      known,
      accessSpreadMs: accessSpreadMs(),
    });
  const switchAllOff = async (): Promise<SwitchedOff> => {
    let off = await switchOff([]);
    while (work.othersWrite) {
      await condition(() => !work.othersWrite, lookAgainMs);
      off = await switchOff([]);
    }
    return off;
  };
  const disabledFacts = (kids: readonly string[]) =>
    kids.map((kid) => fact('KeyVersionDisabled', { kid }));
  return {
    async take() {
      // Whoever binds a version of the key, for whichever cluster, or makes one, is overtaken.
      const off = await work.withKey({ vaultId, keyName, how: 'emergency' }, switchAllOff);
      switchedOff = off.disabled;
      const { requestId } = off;
      const rotation = off.suspended ? '; the vault rotates the key no more' : '';
      return {
        detail: `disabled: ${switchedOff.join(', ')}${rotation}`,
        facts: disabledFacts(switchedOff),
        evidence: [{ claim: 'every version of the key is disabled', grade: 'observed', requestId }],
      };
    },
    lookEveryMs: lookForVersionsMs,
    async keep() {
      const { disabled, back } = await switchOff(switchedOff);
      if (back.length > 0)
        throw notAsExpected(`somebody has enabled again what was disabled: ${back.join(', ')}`);
      const fresh = disabled.filter((kid) => !switchedOff.includes(kid));
      work.timeline.record(...disabledFacts(fresh));
      switchedOff = disabled;
      return fresh.length > 0;
    },
  };
}
