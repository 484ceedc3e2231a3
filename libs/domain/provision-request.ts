import type { ClusterId } from './azure-ids.ts';

/** A provision request as accepted: complete, with every default written out. */
export interface ProvisionRequest {
  readonly cluster: ClusterId;
  readonly region: string;
  /** Commitment tier in GB/day. Writing it is the requester's yes to its cost. */
  readonly capacityGbPerDay: number;
  readonly billingType: 'Cluster' | 'Workspaces';
  readonly identity: IdentityRequest;
  readonly doubleEncryption: boolean;
  readonly key: KeyRequest;
  /** Resource ids of the workspaces to link. */
  readonly workspaces: readonly string[];
  readonly onNameReserved: 'wait' | 'refuse';
  /** What to do when the cluster is there: look after it from now on as it is, or leave it alone. */
  readonly onExisting: 'adopt' | 'refuse';
  /** What happens when a version appears in the vault; absent, it is reported. */
  readonly onNewVersion?: 'bind' | 'report';
  readonly tags: Readonly<Record<string, string>>;
  readonly planOnly: boolean;
  /** The hash of a plan seen before; another plan then stops and asks. */
  readonly acceptPlan?: string;
}

/** What is asked of a key, and of the cluster that it is for. */
export type KeyQuestion = Pick<ProvisionRequest, 'cluster' | 'region' | 'key'> & {
  readonly identity: Pick<IdentityRequest, 'type'>;
};

/** Whose identity the cluster uses the key with (R33): its own, or exactly one that exists already. */
export type IdentityRequest =
  | { readonly type: 'SystemAssigned' }
  /** `id`: resource id of the user-assigned identity. */
  | { readonly type: 'UserAssigned'; readonly id: string };

/** Which key protects the cluster and how it is followed (R93, R94). */
export interface KeyRequest {
  /** Resource id of the vault. */
  readonly vaultId: string;
  readonly name: string;
  /** `explicit` binds one version; `automatic` lets the cluster follow the latest. */
  readonly mode: 'explicit' | 'automatic';
  readonly source: 'generate' | 'use' | 'import';
  /** With source `import`: name of a file in the worker's import folder. */
  readonly importFrom?: string;
  readonly sizeBits: number;
  /** With source `use` and mode `explicit`: the version to bind; absent, the latest. */
  readonly version?: string;
}
