import { covers } from '../../authorization.ts';
import type { Call, Route } from '../../route.ts';

interface Resource {
  id: string;
  name: string;
  location: string;
  tags?: Record<string, string>;
}

const collections: Record<string, string> = {
  'microsoft.keyvault/vaults': 'vaults',
  'microsoft.operationalinsights/clusters': 'clusters',
  'microsoft.operationalinsights/workspaces': 'workspaces',
};

/** GET /subscriptions/{s}/resources by type: how some clients list vaults (azure-docs, Resources - List). */
export const resourceListRoute: Route = {
  service: 'arm',
  method: 'GET',
  path: '/subscriptions/{subscriptionId}/resources',
  action: 'Microsoft.Resources/subscriptions/resources/read',
  handle: list,
};

function list(call: Call) {
  const filter = call.query.get('$filter') ?? '';
  const type = /resourceType\s+eq\s+'([^']*)'/i.exec(filter)?.[1];
  const subscription = `/subscriptions/${call.params.subscriptionId ?? ''}`;
  const types = type === undefined ? Object.keys(collections) : [type.toLowerCase()];
  const value = types.flatMap((wanted) =>
    call.tx
      .list<Resource>(collections[wanted] ?? '')
      .filter(({ id }) => covers(subscription, id))
      .map(({ id, name, location, tags }) => ({
        id,
        name,
        type: /\/providers\/([^/]+\/[^/]+)\//i.exec(id)?.[1] ?? wanted,
        location,
        tags: tags ?? {},
      })),
  );
  return { status: 200, body: { value } };
}
