import type { TokenCredential } from '@azure/core-auth';
import { ClientSecretCredential, DefaultAzureCredential } from '@azure/identity';
import { type PipelinePolicy, RestError } from '@azure/core-rest-pipeline';
import type { Dial } from '#libs/dial/dial.ts';

/** Who Keyturn is to Azure. */
export type CredentialConfig =
  | { kind: 'client-secret'; tenantId: string; clientId: string; clientSecret: string }
  /** Workload identity, managed identity, environment: whatever the place offers. */
  | { kind: 'default' };

/** Entra answers within a second or two; what takes longer is better asked again. */
const tokenTimeoutMs = 20_000;

/**
 * A credential without retries of its own: those of Temporal are visible, bounded and cancellable.
 * The default one takes no dial, for its sources lie outside of the simulator.
 */
export function createCredential(config: CredentialConfig, dial?: Dial): TokenCredential {
  const options = {
    retryOptions: { maxRetries: 0 },
    additionalPolicies: [{ policy: tokenDeadline, position: 'perCall' as const }],
  };
  if (config.kind === 'default') return new DefaultAzureCredential(options);
  return new ClientSecretCredential(config.tenantId, config.clientId, config.clientSecret, {
    ...options,
    ...(dial !== undefined && { agent: dial.agent }),
  });
}

/**
 * A token request hears no signal of its caller, so it would otherwise wait for ever; and MSAL makes of
 * a 429 or 5xx the same error as of a refusal, so those become the failures they are.
 */
const tokenDeadline: PipelinePolicy = {
  name: 'tokenDeadline',
  async sendRequest(request, next) {
    request.timeout = tokenTimeoutMs;
    const response = await next(request);
    const { status } = response;
    if (status === 429 || status >= 500) {
      throw new RestError(`Entra answered ${status}`, { statusCode: status });
    }
    return response;
  },
};
