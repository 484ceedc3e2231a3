import { AzureFault } from '../azure-fault.ts';
import { homeTenant } from '../entra/directory.ts';
import type { Answer, Call, Route } from '../route.ts';
import {
  findSubscription,
  groupId,
  listGroups,
  listSubscriptions,
  normalRegion,
  requireGroup,
  removeGroup,
  saveGroup,
} from './scopes.ts';
import type { ResourceGroup, Subscription } from './scopes.ts';

const SUBSCRIPTION = '/subscriptions/{subscriptionId}';
const GROUPS = `${SUBSCRIPTION}/resourceGroups`;
const GROUP = `${GROUPS}/{resourceGroup}`;

/** The shells that foreign clients need around the resources: tenants, subscriptions, groups, metadata. */
export const shellRoutes: readonly Route[] = [
  { ...route('GET', '/metadata/endpoints', answerMetadata), anonymous: true },
  route('GET', '/tenants', answerTenants),
  route('GET', '/subscriptions', answerSubscriptions),
  route('GET', SUBSCRIPTION, (call) => {
    const found = findSubscription(call.tx, call.params['subscriptionId'] ?? '');
    return { status: 200, body: subscriptionBody(found as Subscription) };
  }),
  {
    ...route('GET', GROUPS, answerGroups),
    action: 'Microsoft.Resources/subscriptions/resourceGroups/read',
  },
  {
    ...route('GET', GROUP, (call) => ({ status: 200, body: groupBody(requireGroup(call)) })),
    action: 'Microsoft.Resources/subscriptions/resourceGroups/read',
  },
  {
    ...route('HEAD', GROUP, (call) => {
      requireGroup(call);
      return { status: 204 };
    }),
    action: 'Microsoft.Resources/subscriptions/resourceGroups/read',
  },
  {
    ...route('PUT', GROUP, putGroup),
    action: 'Microsoft.Resources/subscriptions/resourceGroups/write',
  },
  {
    ...route('DELETE', GROUP, deleteGroup),
    action: 'Microsoft.Resources/subscriptions/resourceGroups/delete',
  },
];

function route(method: string, path: string, handle: Route['handle']): Route {
  return { service: 'arm', method, path, handle };
}

function answerTenants(call: Call): Answer {
  const { tenantId, displayName, defaultDomain } = homeTenant(call.tx);
  const tenant = {
    id: `/tenants/${tenantId}`,
    tenantId,
    countryCode: 'NL',
    displayName,
    domains: [defaultDomain],
    defaultDomain,
    tenantCategory: 'Home',
    tenantType: 'AAD',
  };
  return { status: 200, body: { value: [tenant] } };
}

function answerSubscriptions(call: Call): Answer {
  const own = listSubscriptions(call.tx).filter(
    ({ tenantId }) => tenantId === call.principal?.tenantId,
  );
  const count = { type: 'Total', value: own.length };
  return { status: 200, body: { value: own.map(subscriptionBody), count } };
}

function subscriptionBody({ subscriptionId, tenantId, displayName }: Subscription): object {
  return {
    id: `/subscriptions/${subscriptionId}`,
    authorizationSource: 'RoleBased',
    managedByTenants: [],
    subscriptionId,
    tenantId,
    displayName,
    state: 'Enabled',
    subscriptionPolicies: {
      locationPlacementId: 'Public_2014-09-01',
      quotaId: 'PayAsYouGo_2014-09-01',
      spendingLimit: 'Off',
    },
  };
}

function answerGroups(call: Call): Answer {
  const groups = listGroups(call.tx, call.params['subscriptionId'] ?? '');
  return { status: 200, body: { value: groups.map(groupBody) } };
}

function putGroup(call: Call): Answer {
  const { subscriptionId = '', resourceGroup = '' } = call.params;
  const { location, tags } = (call.body ?? {}) as Partial<ResourceGroup>;
  if (typeof location !== 'string' || location === '') {
    throw new AzureFault(400, {
      code: 'LocationRequired',
      message: 'The location property is required for this definition.',
    });
  }
  const known = listGroups(call.tx, subscriptionId).find(
    ({ name }) => name.toLowerCase() === resourceGroup.toLowerCase(),
  );
  if (known && known.location !== normalRegion(location)) {
    throw new AzureFault(409, {
      code: 'InvalidResourceGroupLocation',
      message: `Invalid resource group location '${location}'. The Resource group already exists in location '${known.location}'.`,
    });
  }
  const group = {
    subscriptionId,
    name: known?.name ?? resourceGroup,
    location: normalRegion(location),
    tags: tags ?? {},
  };
  saveGroup(call.tx, group);
  call.tx.note('resource group written');
  return { status: known ? 200 : 201, body: groupBody(group) };
}

/** Only an empty group goes: what a cascade would do to clusters is not modelled. */
function deleteGroup(call: Call): Answer {
  const group = requireGroup(call);
  const id = groupId(group.subscriptionId, group.name).toLowerCase();
  const inside = ['clusters', 'workspaces', 'vaults', 'storageAccounts'].some((collection) =>
    call.tx
      .list<{ id: string }>(collection)
      .some((resource) => resource.id.toLowerCase().startsWith(`${id}/`)),
  );
  if (inside) {
    throw new AzureFault(409, {
      code: 'ResourceGroupBeingDeleted',
      message: `The resource group '${group.name}' still holds resources; delete them first.`,
    });
  }
  removeGroup(call.tx, group);
  call.tx.note('resource group deleted');
  return { status: 200 };
}

function groupBody(group: ResourceGroup): object {
  return {
    id: groupId(group.subscriptionId, group.name),
    name: group.name,
    type: 'Microsoft.Resources/resourceGroups',
    location: group.location,
    tags: group.tags,
    properties: { provisioningState: 'Succeeded' },
  };
}

/** Cloud metadata in the three shapes that clients ask for, by api-version. */
function answerMetadata(call: Call): Answer {
  const login = 'https://login.microsoftonline.com';
  const audiences = ['https://management.core.windows.net/', 'https://management.azure.com/'];
  if (call.apiVersion < '2018-01-01') {
    return {
      status: 200,
      body: {
        galleryEndpoint: 'https://gallery.azure.com/',
        graphEndpoint: 'https://graph.windows.net/',
        portalEndpoint: 'https://portal.azure.com/',
        authentication: { loginEndpoint: `${login}/`, audiences },
      },
    };
  }
  const cloud = {
    name: 'AzureCloud',
    portal: 'https://portal.azure.com',
    authentication: { loginEndpoint: login, audiences, tenant: 'common', identityProvider: 'AAD' },
    resourceManager: 'https://management.azure.com/',
    microsoftGraphResourceId: 'https://graph.microsoft.com/',
    logAnalyticsResourceId: 'https://api.loganalytics.io',
    graph: 'https://graph.windows.net/',
    graphAudience: 'https://graph.windows.net/',
    gallery: 'https://gallery.azure.com/',
    batch: 'https://batch.core.windows.net/',
    media: 'https://rest.media.azure.net',
    sqlManagement: 'https://management.core.windows.net:8443/',
    vmImageAliasDoc: 'https://aka.ms/vmaliases',
    suffixes: {
      keyVaultDns: 'vault.azure.net',
      storage: 'core.windows.net',
      sqlServerHostname: 'database.windows.net',
    },
  };
  return { status: 200, body: call.apiVersion < '2022-01-01' ? [cloud] : cloud };
}
