import type { ServiceRules } from './service-rules.ts';

/** What is read in Azure before a provision is planned. Narrow: it goes into histories. */
export interface ProvisionFacts {
  /** Our own tenant (R12). */
  readonly tenantId: string;
  readonly cluster?: { readonly id: string; readonly provisioningState: string };
  /** The newest deletion of a cluster of this name that the activity log knows. */
  readonly deletedAt?: string;
  /** Active clusters in the region and subscription (R42). */
  readonly activeClusters: number;
  readonly vault?: VaultSeen;
  /** A deleted vault of the same name, which holds the name. */
  readonly deletedVault?: { readonly purgeAt: string };
  /** Absent when the vault is, or when Keyturn may not list its keys yet. */
  readonly keyVersions?: readonly KeyVersionSeen[];
  readonly workspaces: readonly WorkspaceSeen[];
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
  /** Whether Keyturn holds every key permission it needs. */
  readonly ownAccess: boolean;
}

export interface KeyVersionSeen {
  readonly kid: string;
  readonly version: string;
  readonly enabled: boolean;
  readonly expiresAt?: string;
  /** The operation that made it, from its tag. */
  readonly madeBy?: string;
}

export interface WorkspaceSeen {
  readonly id: string;
  readonly exists: boolean;
  readonly region?: string;
  readonly linkedTo?: string;
}

/** What a plan is made from besides request and facts. */
export interface Circumstances {
  readonly rules: ServiceRules;
  /** Epoch ms. */
  readonly now: number;
  readonly operationId: string;
  /** Steps this operation has begun already: planned again, they stay what they were. */
  readonly begun: readonly string[];
}
