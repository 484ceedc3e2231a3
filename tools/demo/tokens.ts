import { z } from 'zod';
import { createDial } from '#libs/dial/dial.ts';
import type { SimulatorFile } from '#libs/dial/dial.ts';
import { principalNamed } from '../stack/programs.ts';

const answer = z.object({ access_token: z.string(), expires_in: z.number() });

/** A token is asked for again a minute before it ends, so that none ends on its way. */
const marginMs = 60_000;

/** Gives tokens of one of the simulator's principals, for our API unless told otherwise, from its Entra. */
export function createTokenSource(
  simulator: SimulatorFile,
  name: string,
  audience = 'api://keyturn',
): () => Promise<string> {
  const { fetch } = createDial(simulator);
  const { clientId, clientSecret } = principalNamed(simulator, name);
  let known: { token: string; until: number } | undefined;

  return async () => {
    if (known !== undefined && Date.now() < known.until) return known.token;
    const response = await fetch(tokenUrl(simulator), {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: clientSecret,
        scope: `${audience}/.default`,
      }),
    });
    if (!response.ok) throw new Error(`getting a token for ${name}: status ${response.status}`);
    const read = answer.parse(await response.json());
    known = {
      token: read.access_token,
      until: Date.now() + read.expires_in * 1_000 - marginMs,
    };
    return known.token;
  };
}

const tokenScope = 'api://keyturn/.default';

const tokenUrl = ({ tenantId }: SimulatorFile): string =>
  `https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`;

/** Two lines for a shell: a token of a principal, and a call with it. */
export function shellLines(simulator: SimulatorFile, name: string, url: string): string[] {
  const { clientId, clientSecret } = principalNamed(simulator, name);
  const post = [
    `curl -s --cacert '${simulator.caFile}' --connect-to '::127.0.0.1:${simulator.httpsPort}'`,
    `-d grant_type=client_credentials -d client_id=${clientId} -d 'client_secret=${clientSecret}'`,
    `-d scope=${tokenScope} ${tokenUrl(simulator)}`,
  ].join(' ');
  return [
    `TOKEN=$(${post} | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')`,
    `curl -s -H "Authorization: Bearer $TOKEN" ${url}`,
  ];
}
