import type { TokenCredential } from '@azure/core-auth';
import { z } from 'zod';
import { AzureError, toAzureError } from './azure-error.ts';
import { openLimit } from './call-options.ts';

const claimsSchema = z.object({ oid: z.string(), tid: z.string() });
const deed = { doing: 'reading the claims of', target: 'our own token' };
const armScope = 'https://management.azure.com/.default';

/**
 * Who we are, from the token that Entra gives us: no directory right is needed to know it.
 * @throws AzureError
 */
export async function readOwnClaims(
  credential: TokenCredential,
  timeoutMs = 60_000,
): Promise<{ objectId: string; tenantId: string }> {
  const call = { signal: new AbortController().signal, clientRequestId: '' };
  const limit = openLimit(call, timeoutMs);
  try {
    const token = await credential.getToken(armScope, { abortSignal: limit.signal });
    const { oid, tid } = parseClaims(token?.token ?? '');
    return { objectId: oid, tenantId: tid };
  } catch (error) {
    const ended = limit.ended();
    throw toAzureError(error, { deed, handedOver: false, ...(ended !== undefined && { ended }) });
  } finally {
    limit.close();
  }
}

function parseClaims(token: string) {
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
  const claims = claimsSchema.safeParse(payload === '' ? undefined : JSON.parse(payload));
  if (claims.success) return claims.data;
  const azureMessage = 'it says neither who we are nor in which tenant';
  throw new AzureError(deed, { kind: 'credential', azureMessage, sent: false });
}
