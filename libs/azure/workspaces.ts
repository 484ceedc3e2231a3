import type { LinkedService, Workspace } from '@azure/arm-operationalinsights';
import { formatWorkspaceId, type WorkspaceId } from '#libs/domain/azure-ids.ts';
import type { Call, Seen } from './call-options.ts';
import type { SdkClients } from './sdk-clients.ts';
import type { Started } from './wire.ts';

export interface WorkspaceFacts {
  id: string;
  region: string;
  provisioningState: string;
  /** The cluster its records go to, once a link has taken effect. */
  clusterResourceId?: string;
  sku: string;
  /** The workspace's own GUID, by which it is queried. */
  customerId?: string;
}

/** The link as a resource of its own: there from the moment a link is accepted. */
export interface LinkFacts {
  clusterId: string;
  provisioningState: string;
}

/** Microsoft.OperationalInsights/workspaces and their link to a cluster. Every method throws AzureError. */
export interface Workspaces {
  read(id: WorkspaceId, call: Call): Promise<Seen<WorkspaceFacts | undefined>>;
  readLink(id: WorkspaceId, call: Call): Promise<Seen<LinkFacts | undefined>>;
  /** Not to be sent twice: each accepted link spends one of two in thirty days. */
  link(id: WorkspaceId, clusterId: string, call: Call): Promise<Started>;
  unlink(id: WorkspaceId, call: Call): Promise<Started>;
}

/** The one name a link to a cluster can have. */
const linkName = 'cluster';

export function createWorkspaces({ wire, insights }: SdkClients): Workspaces {
  const of = (id: WorkspaceId) => insights(id.subscriptionId);
  return {
    read: (id, call) =>
      wire.read(
        { doing: 'reading workspace', target: formatWorkspaceId(id) },
        call,
        async (options) => toFacts(await of(id).workspaces.get(id.resourceGroup, id.name, options)),
      ),
    readLink: (id, call) =>
      wire.read(
        { doing: 'reading the link of workspace', target: formatWorkspaceId(id) },
        call,
        async (options) =>
          toLink(await of(id).linkedServices.get(id.resourceGroup, id.name, linkName, options)),
      ),
    link: (id, clusterId, call) =>
      wire.start({ doing: 'linking workspace', target: formatWorkspaceId(id) }, call, (options) => {
        const { linkedServices } = of(id);
        const body = { writeAccessResourceId: clusterId };
        return linkedServices.beginCreateOrUpdate(
          id.resourceGroup,
          id.name,
          linkName,
          body,
          options,
        );
      }),
    unlink: (id, call) =>
      wire.start({ doing: 'unlinking workspace', target: formatWorkspaceId(id) }, call, (options) =>
        of(id).linkedServices.beginDelete(id.resourceGroup, id.name, linkName, options),
      ),
  };
}

function toFacts(workspace: Workspace): WorkspaceFacts {
  const { customerId, features } = workspace;
  const clusterResourceId = features?.clusterResourceId;
  return {
    id: workspace.id ?? '',
    region: workspace.location,
    provisioningState: workspace.provisioningState ?? 'Succeeded',
    // Null and '' are further ways of Azure to say "none".
    ...(clusterResourceId && { clusterResourceId }),
    sku: workspace.sku?.name ?? '',
    ...(customerId && { customerId }),
  };
}

function toLink(link: LinkedService): LinkFacts {
  return {
    clusterId: link.writeAccessResourceId ?? link.resourceId ?? '',
    provisioningState: link.provisioningState ?? 'Succeeded',
  };
}
