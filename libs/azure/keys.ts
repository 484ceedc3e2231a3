import type {
  KeyProperties,
  KeyRotationLifetimeAction,
  KeyRotationPolicy,
  KeyVaultKey,
} from '@azure/keyvault-keys';
import { formatKeyVersionId, type KeyVersionId } from '#libs/domain/azure-ids.ts';
import type { Call, Seen } from './call-options.ts';
import type { SdkClients } from './sdk-clients.ts';

/** One version of a key, as a list shows it; instants are ISO text. */
export interface KeyVersionFacts {
  /** `https://{vault}.vault.azure.net/keys/{name}/{version}` */
  kid: string;
  version: string;
  enabled: boolean;
  createdAt: string;
  expiresAt?: string;
  notBefore?: string;
  tags: Record<string, string>;
  /** Deleted, it could be had back, and nobody can purge it before its time: what a cluster asks of a key. */
  recoverable: boolean;
}

/** One version of a key with its public facts; never key material. */
export interface KeyFacts extends KeyVersionFacts {
  /** `RSA`, `RSA-HSM`, … */
  type: string;
  sizeBits: number;
  operations: string[];
}

/** A key that was deleted with all its versions, and can be had back; instants are ISO text. */
export interface DeletedKeyFacts {
  deletedAt: string;
  purgeAt: string;
}

/** What a vault does with a key by itself; durations are ISO 8601. */
export interface RotationPolicyFacts {
  actions: { action: string; timeAfterCreate?: string; timeBeforeExpiry?: string }[];
  /** How long a version lives that the policy makes. */
  expiresIn?: string;
}

/** The data plane of Key Vault. Every method throws AzureError. */
export interface Keys {
  /** All versions, all pages, oldest first; a key that is not there has none. */
  versions(vaultUri: string, name: string, call: Call): Promise<Seen<KeyVersionFacts[]>>;
  /** One version, or the latest. */
  read(
    vaultUri: string,
    name: string,
    version: string | undefined,
    call: Call,
  ): Promise<Seen<KeyFacts | undefined>>;
  /** A key that is not there any more, as soft delete keeps it. */
  readDeleted(
    vaultUri: string,
    name: string,
    call: Call,
  ): Promise<Seen<DeletedKeyFacts | undefined>>;
  /**
   * A new RSA key, or a new version of it. Not idempotent: every request makes a version, so the caller
   * puts a tag on it and looks for that before asking again.
   */
  create(
    vaultUri: string,
    name: string,
    key: { sizeBits: number; tags: Record<string, string> },
    call: Call,
  ): Promise<Seen<KeyFacts>>;
  /** An RSA key made elsewhere, or a new version of one. Not idempotent either: see `create`. */
  import(
    vaultUri: string,
    name: string,
    key: { material: RsaPrivateKey; tags: Record<string, string> },
    call: Call,
  ): Promise<Seen<KeyFacts>>;
  /** Switches a version on or off. Its tags are replaced where some are given; all else stays as it is. */
  change(
    version: KeyVersionId,
    change: { enabled: boolean; tags?: Record<string, string> },
    call: Call,
  ): Promise<Seen<void>>;
  /** Has a deleted key back with all its versions; it answers a moment later. */
  recover(vaultUri: string, name: string, call: Call): Promise<Seen<void>>;
  /** The key's rotation policy, the default reminder included; a key that is not there has none. */
  readRotation(
    vaultUri: string,
    name: string,
    call: Call,
  ): Promise<Seen<RotationPolicyFacts | undefined>>;
  /** Replaces the rotation policy. */
  setRotation(
    vaultUri: string,
    name: string,
    ...[policy, call]: [RotationPolicyFacts, Call]
  ): Promise<Seen<void>>;
}

/** An RSA private key in the members of a JWK (RFC 7518, 6.3). It is sent, and never kept or shown. */
export type RsaPrivateKey = Readonly<
  Record<'n' | 'e' | 'd' | 'p' | 'q' | 'dp' | 'dq' | 'qi', Uint8Array>
>;

export function createKeys({ wire, keys }: SdkClients): Keys {
  return {
    async versions(vaultUri, name, call) {
      const deed = { doing: 'listing versions of', target: `${vaultUri}/keys/${name}` };
      const { value, requestId } = await wire.read(deed, call, async (options) => {
        const versions: KeyVersionFacts[] = [];
        const pages = keys(vaultUri).listPropertiesOfKeyVersions(name, options);
        for await (const version of pages) versions.push(toVersionFacts(version));
        versions.sort((one, other) => one.createdAt.localeCompare(other.createdAt));
        const [before, last] = versions.slice(-2);
        if (last === undefined || before?.createdAt !== last.createdAt) return versions;
        // Made within one second, which is as fine as Key Vault tells: it knows itself which is the latest.
        const { properties } = await keys(vaultUri).getKey(name, options);
        const isLatest = ({ version }: KeyVersionFacts) => version === properties.version;
        return [...versions.filter((each) => !isLatest(each)), ...versions.filter(isLatest)];
      });
      return { value: value ?? [], requestId };
    },
    read(vaultUri, name, ...[version, call]) {
      const target = `${vaultUri}/keys/${name}${version === undefined ? '' : `/${version}`}`;
      return wire.read({ doing: 'reading key', target }, call, async (options) => {
        const asked = { ...options, ...(version !== undefined && { version }) };
        return toFacts(await keys(vaultUri).getKey(name, asked));
      });
    },
    readDeleted(vaultUri, name, call) {
      const deed = { doing: 'reading deleted key', target: `${vaultUri}/keys/${name}` };
      return wire.read(deed, call, async (options) => {
        const { properties } = await keys(vaultUri).getDeletedKey(name, options);
        return {
          deletedAt: properties.deletedOn?.toISOString() ?? '',
          purgeAt: properties.scheduledPurgeDate?.toISOString() ?? '',
        };
      });
    },
    create(vaultUri, name, ...[{ sizeBits, tags }, call]) {
      const deed = { doing: 'creating a version of', target: `${vaultUri}/keys/${name}` };
      return wire.ask(deed, call, async (options) =>
        toFacts(await keys(vaultUri).createRsaKey(name, { ...options, keySize: sizeBits, tags })),
      );
    },
    import(vaultUri, name, ...[{ material, tags }, call]) {
      const deed = { doing: 'importing a version of', target: `${vaultUri}/keys/${name}` };
      const jwk = { ...material, kty: 'RSA', keyOps: ['wrapKey', 'unwrapKey'] };
      return wire.ask(deed, call, async (options) =>
        toFacts(await keys(vaultUri).importKey(name, jwk, { ...options, tags })),
      );
    },
    change(id, change, call) {
      const doing = change.enabled ? 'enabling' : 'disabling';
      return wire.ask({ doing, target: formatKeyVersionId(id) }, call, async (options) => {
        const { vaultUri, name, version } = id;
        await keys(vaultUri).updateKeyProperties(name, version, { ...options, ...change });
      });
    },
    recover(vaultUri, name, call) {
      const deed = { doing: 'recovering key', target: `${vaultUri}/keys/${name}` };
      return wire.ask(deed, call, async (options) => {
        // The poller asks for the key, then for its recovery, and polls no further unless it is told to.
        await keys(vaultUri).beginRecoverDeletedKey(name, options);
      });
    },
    ...rotation({ wire, keys }),
  };
}

function rotation({
  wire,
  keys,
}: Pick<SdkClients, 'wire' | 'keys'>): Pick<Keys, 'readRotation' | 'setRotation'> {
  return {
    readRotation(vaultUri, name, call) {
      const deed = { doing: 'reading rotation policy of', target: `${vaultUri}/keys/${name}` };
      return wire.read(deed, call, async (options) =>
        toPolicyFacts(await keys(vaultUri).getKeyRotationPolicy(name, options)),
      );
    },
    setRotation(vaultUri, name, ...[{ actions, expiresIn }, call]) {
      const deed = { doing: 'setting rotation policy of', target: `${vaultUri}/keys/${name}` };
      return wire.ask(deed, call, async (options) => {
        const lifetimeActions = actions as KeyRotationLifetimeAction[];
        const policy = { lifetimeActions, ...(expiresIn !== undefined && { expiresIn }) };
        await keys(vaultUri).updateKeyRotationPolicy(name, policy, options);
      });
    },
  };
}

function toVersionFacts(properties: KeyProperties): KeyVersionFacts {
  const { createdOn, expiresOn, notBefore, recoveryLevel } = properties;
  return {
    kid: properties.id ?? '',
    version: properties.version ?? '',
    enabled: properties.enabled ?? true,
    createdAt: createdOn?.toISOString() ?? '',
    ...(expiresOn && { expiresAt: expiresOn.toISOString() }),
    ...(notBefore && { notBefore: notBefore.toISOString() }),
    tags: properties.tags ?? {},
    recoverable: isRecoverable(recoveryLevel ?? ''),
  };
}

/** `Recoverable` and `CustomizedRecoverable`, alone or `+ProtectedSubscription`, but not `+Purgeable`. */
function isRecoverable(level: string): boolean {
  return /recoverable/iu.test(level) && !/purgeable/iu.test(level);
}

function toPolicyFacts({
  lifetimeActions = [],
  expiresIn,
}: KeyRotationPolicy): RotationPolicyFacts {
  return {
    actions: lifetimeActions.map(({ action, timeAfterCreate, timeBeforeExpiry }) => ({
      action,
      ...(timeAfterCreate !== undefined && { timeAfterCreate }),
      ...(timeBeforeExpiry !== undefined && { timeBeforeExpiry }),
    })),
    ...(expiresIn !== undefined && { expiresIn }),
  };
}

function toFacts({ key, keyType, keyOperations, properties }: KeyVaultKey): KeyFacts {
  return {
    ...toVersionFacts(properties),
    type: keyType ?? '',
    sizeBits: (key?.n?.length ?? 0) * 8,
    operations: keyOperations ?? [],
  };
}
