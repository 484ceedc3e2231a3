import type { ClusterId } from './azure-ids.ts';
import type { ProvisionRequest } from './provision-request.ts';

/** A request to read a cluster that is there, and to change nothing. */
export interface InspectionRequest {
  readonly cluster: ClusterId;
  readonly planOnly: boolean;
  /** The hash of a plan seen before. */
  readonly acceptPlan?: string;
}

/** What is asked of a cluster, by the kind of operation. */
export interface RequestOf {
  readonly provision: ProvisionRequest;
  readonly inspect: InspectionRequest;
  /** An inspection by which Keyturn begins to look after the cluster. */
  readonly adopt: InspectionRequest;
}

export type OperationRequest = RequestOf[keyof RequestOf];
