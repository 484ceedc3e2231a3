import { randomBytes } from 'node:crypto';
import type { StoredPrincipal } from '../entra/directory.ts';
import { issueToken } from '../entra/tokens.ts';
import type { Transaction } from '../store.ts';
import type { Wire } from '../wire.ts';

/** The principal that the machine itself is: who gets a token without naming an identity. */
const MACHINE = 'keyturn';
const APP_SERVICE = '/msi/token';
const INSTANCE_METADATA = '/metadata/identity/oauth2/token';

/** What a client needs to be the machine: the values of IDENTITY_ENDPOINT and IDENTITY_HEADER. */
export interface IdentityEndpoint {
  readonly endpoint: string;
  readonly header: string;
}

interface Given {
  readonly status: number;
  readonly body: object;
}

/** Where tokens of the machine are handed out, and the secret that a client there must send. */
export function identityEndpoint(tx: Transaction, controlPort: number): IdentityEndpoint {
  const known = tx.get<{ header: string }>('$settings', 'identityHeader');
  const header = known?.header ?? randomBytes(16).toString('hex').toUpperCase();
  if (!known) tx.put('$settings', 'identityHeader', { header });
  return { endpoint: `http://127.0.0.1:${controlPort}${APP_SERVICE}`, header };
}

/** Whether a request is for the managed-identity endpoint, in either of its styles. */
export function isIdentityRequest({ method, path }: Wire): boolean {
  return method === 'GET' && [APP_SERVICE, INSTANCE_METADATA].includes(path.replace(/\/$/u, ''));
}

/**
 * A token for the machine, or for the user-assigned identity that `client_id` names: as App Service hands it out
 * (2019-08-01, a secret header), or as the metadata service of a virtual machine does (2018-02-01).
 */
export async function answerIdentityRequest(tx: Transaction, wire: Wire): Promise<Given> {
  const isAppService = wire.path.startsWith(APP_SERVICE);
  const refuse = isAppService ? appServiceRefusal : metadataRefusal;
  if (isAppService && wire.headers['x-identity-header'] !== identityEndpoint(tx, 0).header) {
    return refuse(401, 'The X-IDENTITY-HEADER is missing or wrong.');
  }
  if (!isAppService && wire.headers['metadata']?.toLowerCase() !== 'true') {
    return refuse(400, 'Required metadata header not specified');
  }
  const resource = wire.query.get('resource');
  if (resource === null || resource === '') return refuse(400, 'The resource is missing.');
  const principal = wantedPrincipal(tx, wire.query);
  if (!principal) {
    return refuse(
      400,
      'No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.',
    );
  }
  const { accessToken, expiresInSeconds } = await issueToken(tx, {
    principal,
    audience: resource,
    version: '1.0',
    claimsCapable: false,
  });
  const now = Math.floor(Date.now() / 1000);
  const common = {
    access_token: accessToken,
    expires_on: String(now + expiresInSeconds),
    resource,
    token_type: 'Bearer',
    client_id: principal.clientId,
  };
  if (isAppService) return { status: 200, body: common };
  const expires = String(expiresInSeconds);
  const times = { expires_in: expires, ext_expires_in: expires, not_before: String(now) };
  return { status: 200, body: { ...common, ...times } };
}

function wantedPrincipal(tx: Transaction, query: URLSearchParams): StoredPrincipal | undefined {
  const principals = tx.list<StoredPrincipal>('principals');
  const machine = principals.find(({ kind, name }) => kind === 'application' && name === MACHINE);
  const clientId = query.get('client_id');
  const objectId = query.get('object_id') ?? query.get('principal_id');
  const resourceId = query.get('mi_res_id') ?? query.get('msi_res_id');
  const identities = tx.list<{ id: string; principalId: string }>('identities');
  if (resourceId !== null) {
    const found = identities.find(({ id }) => id.toLowerCase() === resourceId.toLowerCase());
    return principals.find((principal) => principal.objectId === found?.principalId);
  }
  if (clientId === null && objectId === null) return machine;
  return principals
    .filter(
      (principal) =>
        principal === machine ||
        identities.some(({ principalId }) => principalId === principal.objectId),
    )
    .find((principal) => principal.clientId === clientId || principal.objectId === objectId);
}

function appServiceRefusal(status: number, message: string): Given {
  return { status, body: { statusCode: status, message } };
}

function metadataRefusal(status: number, text: string): Given {
  return { status, body: { error: 'invalid_request', error_description: text } };
}
