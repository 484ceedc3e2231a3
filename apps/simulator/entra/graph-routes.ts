import { AzureFault } from '../azure-fault.ts';
import type { Answer, Call, Route } from '../route.ts';
import type { Transaction } from '../store.ts';
import { findPrincipal, isSpread } from './directory.ts';
import type { StoredPrincipal } from './directory.ts';
import { userNameOf } from './tokens.ts';

/** The little of Microsoft Graph that tools ask on their way: who the caller is, and which application an id means. */
export const graphRoutes: readonly Route[] = [
  route('GET', '/v1.0/me', answerMe),
  route('GET', '/v1.0/servicePrincipals', listServicePrincipals),
  route('GET', '/v1.0/servicePrincipals/{id}', answerServicePrincipal),
];

/** The comparisons that `az` and its like make: with an id, or with a name that a token can be asked for. */
const FILTER =
  /^(?:servicePrincipalNames\/any\(\w+:\w+ eq '(?<name>[^']*)'\)|(?<member>appId|id|displayName) eq '(?<value>[^']*)')$/iu;

function route(method: string, path: string, handle: Route['handle']): Route {
  return { service: 'graph', method, path, handle };
}

/** For people only, as in Azure. */
function answerMe(call: Call): Answer {
  const { objectId, name, isPerson } = call.principal ?? {};
  if (isPerson !== true || name === undefined) {
    throw new AzureFault(400, {
      code: 'BadRequest',
      message: '/me request is only valid with delegated authentication flow.',
    });
  }
  const body = { id: objectId, displayName: name, userPrincipalName: userNameOf(name) };
  return { status: 200, body };
}

function listServicePrincipals(call: Call): Answer {
  const filter = call.query.get('$filter');
  const wanted = filter === null ? () => true : readFilter(filter);
  const value = known(call.tx).map(servicePrincipal).filter(wanted);
  return { status: 200, body: { value } };
}

function answerServicePrincipal(call: Call): Answer {
  const id = (call.params['id'] ?? '').toLowerCase();
  const found = isSpread(call.tx, id) ? findPrincipal(call.tx, id) : undefined;
  if (found) return { status: 200, body: servicePrincipal(found) };
  throw new AzureFault(404, {
    code: 'Request_ResourceNotFound',
    message: `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  });
}

type ServicePrincipal = ReturnType<typeof servicePrincipal>;

function readFilter(filter: string): (candidate: ServicePrincipal) => boolean {
  const { name, member = 'appId', value = name } = FILTER.exec(filter)?.groups ?? {};
  if (value === undefined) {
    throw new AzureFault(400, { code: 'Request_UnsupportedQuery', message: 'Unsupported Query.' });
  }
  const key = { appid: 'appId', id: 'id', displayname: 'displayName' } as const;
  const asked = key[member.toLowerCase() as keyof typeof key];
  return (candidate) => candidate[asked].toLowerCase() === value.toLowerCase();
}

function known(tx: Transaction): StoredPrincipal[] {
  return tx.list<StoredPrincipal>('principals').filter(({ objectId }) => isSpread(tx, objectId));
}

function servicePrincipal({ objectId, clientId, name, kind }: StoredPrincipal) {
  return {
    id: objectId,
    appId: clientId,
    displayName: name,
    servicePrincipalNames: [clientId],
    servicePrincipalType: kind === 'application' ? 'Application' : 'ManagedIdentity',
    accountEnabled: true,
  };
}
