import type { Answer, Call, Route } from '../route.ts';
import { findApplication } from './directory.ts';
import type { StoredPrincipal, Tenant } from './directory.ts';
import { entraFault } from './entra-fault.ts';
import { checkAssertion } from './federation.ts';
import { isPersonGrant, peopleRoutes, redeem } from './people.ts';
import { signingKeys } from './signing-keys.ts';
import { audienceOf, requireTenant } from './token-request.ts';
import { issuerOf, issueToken } from './tokens.ts';

const LOGIN = 'https://login.microsoftonline.com';
const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** The token endpoints, discovery documents and published keys of Microsoft Entra ID. */
export const entraRoutes: readonly Route[] = [
  ...peopleRoutes,
  route('POST', '/{tenant}/oauth2/v2.0/token', (call) => answerToken(call, '2.0')),
  route('POST', '/{tenant}/oauth2/token', (call) => answerToken(call, '1.0')),
  route('GET', '/common/discovery/instance', answerInstanceDiscovery),
  route('GET', '/{tenant}/v2.0/.well-known/openid-configuration', (call) =>
    answerDiscovery(call, '2.0'),
  ),
  route('GET', '/{tenant}/.well-known/openid-configuration', (call) =>
    answerDiscovery(call, '1.0'),
  ),
  route('GET', '/{tenant}/discovery/v2.0/keys', answerKeys),
  route('GET', '/{tenant}/discovery/keys', answerKeys),
];

function route(method: string, path: string, handle: Route['handle']): Route {
  return { service: 'entra', method, path, anonymous: true, handle };
}

/** For an application by secret or assertion, for a person by what signing in gave. */
async function answerToken(call: Call, endpoint: '1.0' | '2.0'): Promise<Answer> {
  const tenant = requireTenant(call.tx, call.params['tenant'] ?? '');
  const form = (call.body ?? {}) as Record<string, string>;
  if (endpoint === '2.0' && isPersonGrant(form)) return await redeem(call, form);
  if (form['grant_type'] !== 'client_credentials') {
    throw entraFault(400, 'unsupported_grant_type', {
      number: 70003,
      text: `The app requested an unsupported grant type '${form['grant_type'] ?? ''}'.`,
    });
  }
  const principal = await authenticateClient(call, tenant, form);
  const audience = audienceOf(form, endpoint);
  const { accessToken, expiresInSeconds } = await issueToken(call.tx, {
    principal,
    audience,
    version: endpoint === '2.0' && audience.startsWith('api://') ? '2.0' : '1.0',
    claimsCapable: form['claims']?.includes('cp1') ?? false,
  });
  const common = { token_type: 'Bearer', access_token: accessToken };
  if (endpoint === '2.0') {
    const times = { expires_in: expiresInSeconds, ext_expires_in: expiresInSeconds };
    return { status: 200, body: { ...common, ...times } };
  }
  const notBefore = Math.floor(Date.now() / 1000);
  const times = {
    expires_in: String(expiresInSeconds),
    ext_expires_in: String(expiresInSeconds),
    expires_on: String(notBefore + expiresInSeconds),
    not_before: String(notBefore),
  };
  return { status: 200, body: { ...common, ...times, resource: audience } };
}

/** By secret, or by an assertion of a federated issuer. */
async function authenticateClient(
  call: Call,
  tenant: Tenant,
  form: Record<string, string>,
): Promise<StoredPrincipal> {
  const { clientId, secret } = clientOf(call, form);
  const application = findApplication(call.tx, clientId);
  if (!application || application.tenantId !== tenant.tenantId) {
    throw entraFault(400, 'unauthorized_client', {
      number: 700016,
      text: `Application with identifier '${clientId}' was not found in the directory '${tenant.displayName}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.`,
    });
  }
  if (form['client_assertion'] !== undefined) {
    const problem =
      form['client_assertion_type'] === JWT_BEARER
        ? await checkAssertion(call.tx, application, form['client_assertion'])
        : { number: 50_027, text: 'The client assertion type is not supported.' };
    if (problem) throw entraFault(401, 'invalid_client', problem);
    return application;
  }
  if (secret === undefined || secret !== application.clientSecret) {
    throw entraFault(401, 'invalid_client', {
      number: 7000215,
      text: `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${clientId}'.`,
    });
  }
  return application;
}

/** From the form, or from HTTP Basic as OAuth allows. */
function clientOf(
  call: Call,
  form: Record<string, string>,
): { clientId: string; secret: string | undefined } {
  const basic = /^Basic\s+(\S+)$/iu.exec(call.headers['authorization'] ?? '')?.[1];
  if (basic === undefined) {
    return { clientId: form['client_id'] ?? '', secret: form['client_secret'] };
  }
  const [clientId, secret] = Buffer.from(basic, 'base64').toString('utf8').split(':', 2);
  return {
    clientId: decodeURIComponent(clientId ?? ''),
    secret: secret === undefined ? undefined : decodeURIComponent(secret),
  };
}

function answerDiscovery(call: Call, version: '1.0' | '2.0'): Answer {
  const name = call.params['tenant'] ?? '';
  const shared = ['common', 'organizations'].includes(name.toLowerCase());
  const tenant = shared ? '{tenantid}' : requireTenant(call.tx, name).tenantId;
  const base = `${LOGIN}/${shared ? name : tenant}`;
  const segment = version === '2.0' ? '/v2.0' : '';
  const body = {
    token_endpoint: `${base}/oauth2${segment}/token`,
    token_endpoint_auth_methods_supported: [
      'client_secret_post',
      'private_key_jwt',
      'client_secret_basic',
    ],
    jwks_uri: `${base}/discovery${segment}/keys`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code', 'id_token', 'token'],
    scopes_supported: ['openid'],
    issuer: issuerOf(tenant, version),
    authorization_endpoint: `${base}/oauth2${segment}/authorize`,
    end_session_endpoint: `${base}/oauth2${segment}/logout`,
    claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'tid', 'ver', 'oid', 'roles'],
    cloud_instance_name: 'microsoftonline.com',
  };
  return { status: 200, body };
}

function answerKeys(call: Call): Answer {
  const keys = signingKeys(call.tx).map(({ kid, publicKey }) => ({
    kty: 'RSA',
    use: 'sig',
    kid,
    x5t: kid,
    n: publicKey.n,
    e: publicKey.e,
  }));
  return { status: 200, body: { keys } };
}

function answerInstanceDiscovery(): Answer {
  const aliases = ['login.microsoftonline.com', 'login.windows.net', 'sts.windows.net'];
  const body = {
    tenant_discovery_endpoint: `${LOGIN}/common/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [
      {
        preferred_network: 'login.microsoftonline.com',
        preferred_cache: 'login.windows.net',
        aliases,
      },
    ],
  };
  return { status: 200, body };
}
