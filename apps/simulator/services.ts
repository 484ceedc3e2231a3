import { AzureFault } from './azure-fault.ts';
import type { Service } from './route.ts';

/** What differs between the services in how they look at tokens and say no. */
interface ServiceManner {
  /** Audiences accepted in a token, without a trailing slash. */
  readonly audiences: readonly string[];
  /** The 401 for a request without a usable token. */
  unauthorized(problem: TokenProblem): AzureFault;
}

/** Why a token was not accepted. `missing` is the first request of every Key Vault client. */
export interface TokenProblem {
  readonly kind: 'missing' | 'invalid' | 'expired' | 'audience';
  readonly detail: string;
  readonly tenantId: string;
}

const arm: ServiceManner = {
  audiences: ['https://management.azure.com', 'https://management.core.windows.net'],
  unauthorized({ kind, detail, tenantId }) {
    const codes = {
      missing: 'AuthenticationFailed',
      invalid: 'InvalidAuthenticationToken',
      expired: 'ExpiredAuthenticationToken',
      audience: 'InvalidAuthenticationTokenAudience',
    };
    const challenge = `Bearer authorization_uri="https://login.windows.net/${tenantId}", error="invalid_token", error_description="${detail}"`;
    return new AzureFault(
      401,
      { code: codes[kind], message: detail },
      { headers: { 'www-authenticate': challenge } },
    );
  },
};

const vault: ServiceManner = {
  audiences: ['https://vault.azure.net'],
  unauthorized({ kind, detail, tenantId }) {
    const challenge = `Bearer authorization="https://login.microsoftonline.com/${tenantId}", resource="https://vault.azure.net"`;
    const message =
      kind === 'missing'
        ? 'AKV10000: Request is missing a Bearer or PoP token.'
        : `AKV10022: Invalid token: ${detail}`;
    return new AzureFault(
      401,
      { code: 'Unauthorized', message },
      { headers: { 'www-authenticate': challenge } },
    );
  },
};

const logs: ServiceManner = {
  audiences: ['https://api.loganalytics.io', 'https://api.loganalytics.azure.com'],
  unauthorized({ kind, detail }) {
    const code = kind === 'missing' ? 'AuthorizationRequiredError' : 'InvalidTokenError';
    return new AzureFault(
      401,
      { code, message: detail },
      { headers: { 'www-authenticate': 'Bearer realm="api.loganalytics.io"' } },
    );
  },
};

const ingest: ServiceManner = {
  audiences: ['https://monitor.azure.com'],
  unauthorized: ({ detail }) => new AzureFault(401, { code: 'InvalidToken', message: detail }),
};

const graph: ServiceManner = {
  audiences: ['https://graph.microsoft.com'],
  unauthorized: ({ detail }) =>
    new AzureFault(401, { code: 'InvalidAuthenticationToken', message: detail }),
};

/** Entra itself takes no tokens on the routes served here. */
const entra: ServiceManner = {
  audiences: [],
  unauthorized: ({ detail }) => new AzureFault(401, { code: 'invalid_token', message: detail }),
};

const manners: Readonly<Record<Service, ServiceManner>> = {
  arm,
  vault,
  logs,
  ingest,
  entra,
  graph,
};

export function mannerOf(service: Service): ServiceManner {
  return manners[service];
}

/** The error body of a service; Entra's faults bring their own members. */
export function errorBody(service: Service, fault: AzureFault): object {
  if (service === 'entra') return { error: fault.code, ...fault.extra.members };
  const message = fault.message === '' ? {} : { message: fault.message };
  return { error: { code: fault.code, ...message, ...fault.extra.members } };
}
