import type { Azure, Call, KeyVersionFacts, RotationPolicyFacts } from '#libs/azure/azure.ts';
import { vaultUriOf, type ClusterId } from '#libs/domain/azure-ids.ts';
import { clusterPath } from '#libs/domain/recovery.ts';

import { callAzure } from './azure-call.ts';
import { again } from './failures.ts';
import { whileAccessSpreads } from './keys.ts';
import { vaultIdOf } from './resource-ids.ts';
import { revokedForTag, revokedRotationTag, revokedTag } from './version-tags.ts';

const readBackMs = 3_000;
/** Looks in one attempt for versions that appear while others are disabled. */
const looks = 5;

export interface SwitchOffOrder {
  readonly vaultId: string;
  readonly keyName: string;
  readonly cluster: ClusterId;
  readonly operationId: string;
  /** Identifiers of versions that were disabled before: enabled again, they are left as they are. */
  readonly known: readonly string[];
  /** How long, in ms, being shut out may only mean that our own access spreads. */
  readonly accessSpreadMs: number;
}

export interface SwitchedOff {
  /** Identifiers of all versions that this operation has disabled so far. */
  readonly disabled: readonly string[];
  /** Of them those that somebody enabled again meanwhile. */
  readonly back: readonly string[];
  /** Whether the vault rotated the key by itself, which is suspended now. */
  readonly suspended: boolean;
  readonly requestId: string;
}

/** The deed that takes a key away from all who use it, so that it can be given back (R80). */
export function keySwitchActivities(azure: Azure) {
  return {
    /**
     * Disables every version of a key that is enabled, each with a tag that says for whom, has the vault stop
     * rotating it, and looks again until no version is left. Nothing is changed once somebody has enabled
     * again what was disabled before.
     */
    async switchOffKey(order: SwitchOffOrder): Promise<SwitchedOff> {
      return await callAzure(async (call) => {
        const vaultUri = vaultUriOf(vaultIdOf(order.vaultId));
        const key = { vaultUri, name: order.keyName };
        let rotate: string | undefined;
        for (let look = 0; look < looks; look += 1) {
          const { value: versions, requestId } = await whileAccessSpreads(
            () => azure.keys.versions(vaultUri, order.keyName, call),
            order,
          );
          const enabled = versions.filter((version) => version.enabled);
          const back = enabled.map(({ kid }) => kid).filter((kid) => order.known.includes(kid));
          const own = versions.filter((version) => isOwn(version, order));
          if (enabled.length === 0 || back.length > 0) {
            const suspended = own.some((version) => rotationOf(version) !== undefined);
            const disabled = own.map(({ kid }) => kid);
            return { disabled, back, suspended, requestId };
          }
          rotate ??= await rotationTrigger(azure, key, call);
          for (const version of enabled) await disable(version, rotate, call);
          if (rotate !== undefined) await stopRotating(azure, key, call);
        }
        throw again('Busy', `disabling versions of ${order.keyName}: more appear`, readBackMs);

        async function disable(
          { version, tags }: KeyVersionFacts,
          ...[trigger, inCall]: [string | undefined, Call]
        ) {
          const remembered = trigger === undefined ? {} : { [revokedRotationTag]: trigger };
          const told = {
            ...tags,
            [revokedTag]: order.operationId,
            [revokedForTag]: clusterPath(order.cluster),
            ...remembered,
          };
          await azure.keys.change({ ...key, version }, { enabled: false, tags: told }, inCall);
        }
      });
    },
  };
}

const isOwn = ({ enabled, tags }: KeyVersionFacts, { operationId }: SwitchOffOrder): boolean =>
  !enabled && tags[revokedTag] === operationId;

/** When the vault rotated the key before it was revoked, as its version remembers: `timeAfterCreate P90D`. */
export const rotationOf = ({ tags }: Pick<KeyVersionFacts, 'tags'>): string | undefined =>
  tags[revokedRotationTag];

/** The tags of a version without those of a revocation. */
export function withoutRevokedTags(tags: Readonly<Record<string, string>>): Record<string, string> {
  const own: readonly string[] = [revokedTag, revokedForTag, revokedRotationTag];
  return Object.fromEntries(Object.entries(tags).filter(([name]) => !own.includes(name)));
}

interface Key {
  readonly vaultUri: string;
  readonly name: string;
}

/** When the vault rotates a key by itself, in words that fit into a tag; undefined when it does not. */
async function rotationTrigger(azure: Azure, key: Key, call: Call): Promise<string | undefined> {
  const { value: policy } = await azure.keys.readRotation(key.vaultUri, key.name, call);
  const rotate = policy?.actions.find(isRotate);
  if (rotate === undefined) return undefined;
  const { timeAfterCreate, timeBeforeExpiry = '' } = rotate;
  return timeAfterCreate === undefined
    ? `timeBeforeExpiry ${timeBeforeExpiry}`
    : `timeAfterCreate ${timeAfterCreate}`;
}

async function stopRotating(azure: Azure, { vaultUri, name }: Key, call: Call): Promise<void> {
  const { value: policy } = await azure.keys.readRotation(vaultUri, name, call);
  if (policy === undefined || !policy.actions.some(isRotate)) return;
  const actions = policy.actions.filter((action) => !isRotate(action));
  await azure.keys.setRotation(vaultUri, name, { ...policy, actions }, call);
}

/** Has the vault rotate a key again, unless somebody has it do so already. */
export async function setRotating(
  azure: Azure,
  { vaultUri, name, rotate }: Key & { readonly rotate: string },
  call: Call,
): Promise<void> {
  const { value: policy } = await azure.keys.readRotation(vaultUri, name, call);
  if (policy === undefined || policy.actions.some(isRotate)) return;
  const [member = '', duration = ''] = rotate.split(' ');
  const action = { action: 'Rotate', [member]: duration };
  const actions = [...policy.actions, action];
  await azure.keys.setRotation(vaultUri, name, { ...policy, actions }, call);
}

const isRotate = ({ action }: RotationPolicyFacts['actions'][number]): boolean =>
  action.toLowerCase() === 'rotate';
