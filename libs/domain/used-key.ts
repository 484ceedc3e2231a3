import type { KeyVersionSeen } from './provision-facts.ts';

/** A cluster that is on a key, as Azure shows it. */
export interface KeyUser {
  /** Resource id. */
  readonly id: string;
  /** Empty: it follows the latest version (R93). */
  readonly version: string;
  /** Whether Azure is changing it: it shows its old version meanwhile (R57). */
  readonly isMoving: boolean;
  /** When it was last changed, in whatever way, within the days looked at; ISO 8601. */
  readonly changedAt?: string;
}

/** An unwrap that the audit of a vault shows. */
export interface VersionUnwrapped {
  /** Resource id of the cluster whose identity it was. */
  readonly clusterId: string;
  readonly version: string;
  /** Of the latest, ISO 8601. */
  readonly lastAt: string;
}

/** A key, and every cluster on it that Keyturn may read. */
export interface UsedKey {
  /** Resource id. */
  readonly vaultId: string;
  readonly keyName: string;
  /** Whether Keyturn may switch versions of keys in the vault. */
  readonly ownAccess: boolean;
  /** Oldest first; absent when Keyturn may not list them. */
  readonly versions?: readonly KeyVersionSeen[];
  readonly users: readonly KeyUser[];
  /** When the cluster that is asked about, though it is on another key, was last changed; ISO 8601. */
  readonly leftAt?: string;
  /** Ids of subscriptions whose clusters Keyturn may not read. */
  readonly unread: readonly string[];
  /** What the vault's audit shows, where one is configured and can be read. */
  readonly unwrapped?: readonly VersionUnwrapped[];
  /** Whether the activity log told when the clusters were changed. */
  readonly isLogRead: boolean;
}

/** The name of the step that disables a version. */
export const disableStep = (version: string): string => `disable-${version}`;
