import type { PlannedStep } from './plan.ts';
import type { ServiceRules } from './service-rules.ts';

/** What is read in Azure before a provision is planned. */
export interface ProvisionFacts {
  /** Our own tenant (R12). */
  readonly tenantId: string;
  readonly cluster?: { readonly id: string; readonly provisioningState: string };
  /** Absent when Keyturn may not read the activity log, or it does not answer. */
  readonly deletions?: Deletions;
  /** Active clusters in the region and subscription (R42). */
  readonly activeClusters: number;
  /** Only of a user-assigned identity that was asked for. */
  readonly identity?: IdentitySeen;
  readonly vault?: VaultSeen;
  /** A deleted vault of the same name, which holds the name. */
  readonly deletedVault?: { readonly purgeAt: string };
  /** Absent when the vault is, or when Keyturn may not list its keys yet. */
  readonly keyVersions?: readonly KeyVersionSeen[];
  /** A deleted key of the same name, which holds the name. */
  readonly deletedKey?: { readonly purgeAt: string };
  /** Why the key that is there, of which the version is to be used, is of no use to any cluster (R29). */
  readonly keyFault?: string;
  /** Only of a key that is to be imported. */
  readonly importFile?: ImportFileSeen;
  readonly workspaces: readonly WorkspaceSeen[];
  /** What Keyturn would have to do and may not. */
  readonly missingRights: readonly NeededRight[];
}

/** What is read of vault and key before a cluster is brought under it. */
export type KeyFactsSeen = Pick<
  ProvisionFacts,
  'tenantId' | 'vault' | 'deletedVault' | 'keyVersions' | 'deletedKey' | 'keyFault' | 'importFile'
>;

/** An action in Azure that a step of ours takes, and where. */
export interface NeededRight {
  /** Such as `Microsoft.OperationalInsights/clusters/write`. */
  readonly action: string;
  /** Resource id of what is acted on. */
  readonly scope: string;
  /** Resource id of the group that holds it: where the right is looked for first. */
  readonly group: string;
}

/** What the activity log says of clusters deleted while their names are held (R43). */
export interface Deletions {
  /** The newest deletion of a cluster of this name, ISO. */
  readonly ofThisName?: string;
  /** Deletions of any cluster in the subscription; each may hold a slot of its region (R42). */
  readonly count: number;
}

export interface IdentitySeen {
  readonly id: string;
  readonly exists: boolean;
  readonly tenantId?: string;
  readonly principalId?: string;
  /** Whether it may use the key already. */
  readonly granted: boolean;
  /** What it may do in the vault beyond what a cluster needs (R50). */
  readonly excess: readonly string[];
}

export interface ImportFileSeen {
  readonly sizeBits?: number;
  /** Why it cannot be imported. */
  readonly fault?: string;
}

export interface VaultSeen {
  readonly id: string;
  readonly region: string;
  readonly tenantId: string;
  readonly purgeProtection: boolean;
  readonly softDelete: boolean;
  readonly rbac: boolean;
  /** Whether the firewall shuts out Azure's trusted services (R31). */
  readonly shutsOutAzure: boolean;
  /** Whether it can only be reached over private links or from chosen networks (R65). */
  readonly restricted: boolean;
  /** Whether Keyturn holds every key permission it needs. */
  readonly ownAccess: boolean;
}

export interface KeyVersionSeen {
  readonly kid: string;
  readonly version: string;
  readonly enabled: boolean;
  readonly createdAt?: string;
  readonly expiresAt?: string;
  /** Before it the version wraps nothing, ISO. */
  readonly notBefore?: string;
  /** The operation that made it, from its tag. */
  readonly madeBy?: string;
  /** The revocation that disabled it, from its tag; a recovery of that cluster enables it again. */
  readonly revokedBy?: string;
  /** The cluster that it was revoked for, as `subscription/group/name`. */
  readonly revokedFor?: string;
  /** The operation that retired it, from its tag: no recovery enables it. */
  readonly retiredBy?: string;
}

export interface WorkspaceSeen {
  readonly id: string;
  readonly exists: boolean;
  readonly region?: string;
  readonly linkedTo?: string;
  /** When it was linked within the days that count, newest first, ISO; absent when nobody knows. */
  readonly linkedAt?: readonly string[];
}

/** What a plan is made from besides request and facts. */
export interface Circumstances {
  readonly rules: ServiceRules;
  /** Epoch ms. */
  readonly now: number;
  readonly operationId: string;
  /** Whether the worker can probe ingestion and queries. */
  readonly probes: boolean;
  readonly begun: Begun;
}

/** The steps an operation has begun, by name: planned again, they stay what they were. */
export type Begun = Readonly<Record<string, PlannedStep['effect']>>;
