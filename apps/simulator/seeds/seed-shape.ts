import type { FaultRule } from '../fault-rule.ts';

/** What a seed puts into the tenant, beside what stands there already. */
export interface Seed {
  /** Region of everything that names none. */
  readonly location: string;
  /** The first one is told in the ready line. */
  readonly resourceGroups: readonly { readonly name: string; readonly location?: string }[];
  readonly workspaces: readonly SeedWorkspace[];
  /** An endpoint with a rule that sends a stream to the seed's first workspaces; absent, there is none. */
  readonly collection?: SeedCollection;
  readonly principals: readonly {
    readonly name: string;
    /** Values of the roles claim for audiences that start with `api://`. */
    readonly roles?: readonly string[];
    /** Built-in roles on the subscription. */
    readonly azureRoles?: readonly string[];
    /** Whose assertions it accepts instead of its secret: a workload's name at the trusted issuer. */
    readonly federatedSubject?: string;
  }[];
  /** Names of user-assigned identities in the first group. */
  readonly identities?: readonly string[];
  readonly vaults?: readonly SeedVault[];
  readonly clusters?: readonly SeedCluster[];
  readonly faults?: readonly FaultRule[];
}

/** A place that names neither is in the first group, and in its group's region. */
interface Place {
  readonly name: string;
  readonly resourceGroup?: string;
  readonly location?: string;
}

export interface SeedWorkspace extends Place {
  /** Links that were made and undone again, so many days ago each. */
  readonly spentLinks?: readonly number[];
}

export interface SeedVault extends Place {
  /** How it decides about its keys: role assignments, or access policies when absent. */
  readonly model?: 'roles' | 'policies';
  /** On when absent. */
  readonly purgeProtection?: boolean;
  readonly keys: readonly SeedKey[];
}

export interface SeedKey {
  readonly name: string;
  /** Oldest first. */
  readonly versions: readonly SeedKeyVersion[];
  /** Durations in ISO 8601: when the vault makes the next version, and how long a version lives. */
  readonly rotation?: { readonly timeAfterCreate: string; readonly expiryTime?: string };
  readonly deleted?: boolean;
}

export interface SeedKeyVersion {
  readonly ageDays: number;
  /** Negative: it has expired already. */
  readonly expiresInDays?: number;
  readonly disabled?: boolean;
}

export interface SeedCluster extends Place {
  readonly capacity?: number;
  readonly ageDays?: number;
  /** Name of a user-assigned identity of the seed; the system's own when absent. */
  readonly identity?: string;
  /** What it is bound to; absent: Microsoft's keys. */
  readonly key?: {
    readonly vault: string;
    readonly name: string;
    /** Place in the key's list of versions, from 1; absent: it follows the latest. */
    readonly version?: number;
  };
  /** The grant was taken away after the key was bound. */
  readonly grantRemoved?: boolean;
  /** Names of workspaces that are linked to it. */
  readonly workspaces?: readonly string[];
  /** Its id and its vault's address are spelled as a careless hand would: lower-case segments, capital host. */
  readonly oddlySpelled?: boolean;
}

/** How records get into workspaces; the publishers may send them. */
export interface SeedCollection {
  readonly endpoint: string;
  readonly rule: string;
  readonly table: string;
  /** Names of principals. */
  readonly publishers: readonly string[];
  /** Of the table, beside TimeGenerated; all text. */
  readonly columns: readonly string[];
}
