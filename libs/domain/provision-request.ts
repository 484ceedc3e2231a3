import type { ClusterId } from './azure-ids.ts';

/** A provision request as accepted: complete, with every default written out. */
export interface ProvisionRequest {
  readonly cluster: ClusterId;
  readonly region: string;
  /** Commitment tier in GB/day. Writing it is the requester's yes to its cost. */
  readonly capacityGbPerDay: number;
  readonly billingType: 'Cluster' | 'Workspaces';
  readonly doubleEncryption: boolean;
  readonly key: KeyRequest;
  /** Resource ids of the workspaces to link. */
  readonly workspaces: readonly string[];
  readonly onNameReserved: 'wait' | 'refuse';
  readonly tags: Readonly<Record<string, string>>;
  readonly planOnly: boolean;
  /** The hash of a plan seen before; another plan then stops and asks. */
  readonly acceptPlan?: string;
}

/** Which key protects the cluster and how it is followed (R93, R94). */
export interface KeyRequest {
  /** Resource id of the vault. */
  readonly vaultId: string;
  readonly name: string;
  /** `explicit` binds one version; `automatic` lets the cluster follow the latest. */
  readonly mode: 'explicit' | 'automatic';
  readonly source: 'generate' | 'use';
  readonly sizeBits: number;
  /** With source `use` and mode `explicit`: the version to bind; absent, the latest. */
  readonly version?: string;
}
