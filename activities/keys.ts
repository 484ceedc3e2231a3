import { activityInfo } from '@temporalio/activity';

import { AzureError } from '#libs/azure/azure-error.ts';
import type { Azure, KeyFacts, KeyVersionFacts } from '#libs/azure/azure.ts';
import { vaultUriOf } from '#libs/domain/azure-ids.ts';
import { blocker } from '#libs/domain/findings.ts';
import { chooseVersion, versionFault } from '#libs/domain/key-state.ts';
import type { KeyRequest } from '#libs/domain/provision-request.ts';
import { rulePacks } from '#libs/domain/service-rules.ts';

import { callAzure } from './azure-call.ts';
import { again, final } from './failures.ts';
import type { ImportFolder } from './import-folder.ts';
import { vaultIdOf } from './resource-ids.ts';
import { sendOnce } from './send-once.ts';

/** Tag of a key version: the operation that made it, by which it is found again when an answer is lost. */
export const operationTag = 'keyturn-operation';

/** Our own fresh access may take a while to spread: seconds for a policy, minutes for a role (R49). */
const ownAccessRetryMs = 3_000;
const longestAccessRetryMs = 15_000;

export interface KeyOrder {
  readonly key: KeyRequest;
  readonly operationId: string;
  /** How long, in ms, being shut out may only mean that our own access spreads. */
  readonly accessSpreadMs: number;
  /** Whether the key is there and gets a further version; else a key that others made is refused. */
  readonly addsVersion?: true;
}

export interface KeyVersionEnsured {
  readonly created: boolean;
  readonly kid: string;
  readonly vaultUri: string;
  readonly version: string;
  /** Ids of further versions with the operation's tag: Azure did twice what it was asked once. */
  readonly surplus?: readonly string[];
  readonly requestId: string;
}

/** Deeds on keys in the vault's data plane. */
export function keyActivities(azure: Azure, importFolder: ImportFolder) {
  return {
    /** Generates or imports a key version and finds it again by its tag, or finds the one asked for (R29). */
    async ensureKeyVersion(order: KeyOrder): Promise<KeyVersionEnsured> {
      const { key, operationId } = order;
      const vaultUri = vaultUriOf(vaultIdOf(key.vaultId));
      return await callAzure(async (call, attempt) => {
        const { value: versions } = await whileAccessSpreads(
          () => azure.keys.versions(vaultUri, key.name, call),
          { keyName: key.name, accessSpreadMs: order.accessSpreadMs },
        );
        const isOwn = ({ tags }: KeyVersionFacts) => tags[operationTag] === operationId;
        const own = versions.filter(isOwn);
        if (key.source === 'use') {
          const chosen = chooseVersion(versions, key.version);
          if (chosen === undefined)
            throw refuse(key, 'key_missing', 'the key or version is not in the vault');
          return await verify({ version: chosen.version, own: [] });
        }
        const newest = own.at(-1);
        if (newest !== undefined) return await verify({ version: newest.version, own });
        if (versions.length > 0 && order.addsVersion !== true)
          throw refuse(key, 'key_exists', 'the vault holds a key of this name');
        const tags = { [operationTag]: operationId };
        const material =
          key.importFrom === undefined ? undefined : await importFolder.read(key.importFrom);
        const { value: made } = await sendOnce(attempt, `key ${key.name}`, () =>
          material === undefined
            ? azure.keys.create(vaultUri, key.name, { sizeBits: key.sizeBits, tags }, call)
            : azure.keys.import(vaultUri, key.name, { material, tags }, call),
        );
        // A request that was delivered twice has made two versions, and only the list tells.
        const after = await azure.keys.versions(vaultUri, key.name, call);
        return await verify({ version: made.version, own: after.value.filter(isOwn) });

        async function verify(found: { version: string; own: readonly KeyVersionFacts[] }) {
          const { value, requestId } = await azure.keys.read(
            vaultUri,
            key.name,
            found.version,
            call,
          );
          if (value === undefined)
            throw again('Busy', `reading key ${key.name}: not readable yet`, ownAccessRetryMs);
          const fault = keyFault(value, attempt.now());
          if (fault !== undefined) throw refuse(key, 'key_unusable', fault);
          const surplus = found.own
            .filter(({ version }) => version !== found.version)
            .map(({ kid }) => kid);
          return {
            created: key.source !== 'use',
            kid: value.kid,
            vaultUri,
            version: value.version,
            ...(surplus.length === 0 ? {} : { surplus }),
            requestId,
          };
        }
      });
    },
  };
}

/** Why a key cannot wrap for a cluster (R29), or undefined when it can. */
export const keyFault = (key: KeyFacts, now: number): string | undefined =>
  materialFault(key) ?? versionFault(key, now);

/** The same of what no change of its attributes can mend. */
export function materialFault(key: KeyFacts): string | undefined {
  if (!key.type.toUpperCase().startsWith('RSA')) return `the key is of type ${key.type}`;
  if (key.sizeBits !== undefined && !rulePacks.current.rsaKeyBits.includes(key.sizeBits)) {
    return `the key has ${key.sizeBits} bits`;
  }
  const missing = ['wrapkey', 'unwrapkey'].filter(
    (needed) => !key.operations.some((operation) => operation.toLowerCase() === needed),
  );
  return missing.length > 0 ? `the key may not ${missing.join(' and ')}` : undefined;
}

/** Reads a key; being shut out is waited for as long as our own access may still spread. */
export async function whileAccessSpreads<T>(
  read: () => Promise<T>,
  { keyName, accessSpreadMs }: { readonly keyName: string; readonly accessSpreadMs: number },
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof AzureError) || error.status !== 403) throw error;
    const { attempt } = activityInfo();
    const retryMs = Math.min(attempt * ownAccessRetryMs, longestAccessRetryMs);
    if (attempt * retryMs > accessSpreadMs) throw error;
    throw again('GrantSpreading', `reading key ${keyName}: our own access spreads`, retryMs);
  }
}

/** The rules behind the refusals of a key. */
const ruleOf = { key_missing: 'R59', key_exists: 'R25', key_unusable: 'R29' } as const;

function refuse(key: KeyRequest, code: keyof typeof ruleOf, reason: string) {
  const target = `${key.vaultId}/keys/${key.name}`;
  const finding = blocker(code, ruleOf[code], { reason, target });
  return final('RefusedByRule', `using ${target}: ${reason}`, finding);
}
