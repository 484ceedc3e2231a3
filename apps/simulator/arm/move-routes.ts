import { AzureFault } from '../azure-fault.ts';
import type { Answer, Call, Route } from '../route.ts';
import { findGroup, requireGroup } from './scopes.ts';

const GROUP = '/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}';
const ACTION = 'Microsoft.Resources/subscriptions/resourceGroups';

/** Moving resources to another group or subscription, and asking whether that would work: nothing here can (R143). */
export const moveRoutes: readonly Route[] = ['moveResources', 'validateMoveResources'].map(
  (verb) => ({
    service: 'arm',
    method: 'POST',
    path: `${GROUP}/${verb}`,
    action: `${ACTION}/${verb}/action`,
    body: { resources: ['text'], targetResourceGroup: 'text' },
    handle: refuseMove,
  }),
);

function refuseMove(call: Call): Answer {
  const group = requireGroup(call);
  const { resources = [], targetResourceGroup = '' } = (call.body ?? {}) as {
    resources?: string[];
    targetResourceGroup?: string;
  };
  if (resources.length === 0) {
    throw new AzureFault(400, {
      code: 'InvalidRequestContent',
      message: "The request content was invalid: 'resources' must name what to move.",
    });
  }
  const [, subscriptionId = '', name = ''] =
    /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/?$/iu.exec(targetResourceGroup) ?? [];
  if (findGroup(call.tx, subscriptionId, name) === undefined) {
    throw new AzureFault(404, {
      code: 'ResourceGroupNotFound',
      message: `Resource group '${name}' could not be found.`,
    });
  }
  const within = `/subscriptions/${group.subscriptionId}/resourceGroups/${group.name}/providers/`;
  const types = resources.map((id) => typeOf(id, within));
  throw new AzureFault(409, {
    code: 'ResourceMoveValidationFailed',
    message: `Resource move is not supported for resource types '${[...new Set(types)].join(',')}'.`,
  });
}

/** Throws 400 for an id that is not below the group that is moved from. */
function typeOf(id: string, within: string): string {
  const [namespace, type] = id.slice(within.length).split('/');
  if (id.toLowerCase().startsWith(within.toLowerCase()) && type !== undefined) {
    return `${namespace}/${type}`;
  }
  throw new AzureFault(400, {
    code: 'InvalidResourceId',
    message: `The resource '${id}' is not a resource of the group that is moved from.`,
  });
}
