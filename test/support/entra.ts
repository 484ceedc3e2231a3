/** What the simulator's Entra gives out, and what only Entra itself could sign. */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { importJWK, SignJWT, type JWK, type JWTHeaderParameters, type JWTPayload } from 'jose';
import { createDial, type SimulatorFile } from '#libs/dial/dial.ts';
import { principalNamed } from '../../tools/stack/programs.ts';

/** A token of one of the simulator's principals, for the resource that the scope names. */
export async function tokenFor(
  simulator: SimulatorFile,
  principal: string,
  scope: string,
): Promise<string> {
  const { clientId, clientSecret } = principalNamed(simulator, principal);
  const url = `https://login.microsoftonline.com/${simulator.tenantId}/oauth2/v2.0/token`;
  const answer = await createDial(simulator).fetch(url, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope,
    }),
  });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  return token;
}

/** Signs as Entra itself would, with the newest of its keys: then only the claims can be to blame. */
export async function signAsEntra(
  simulator: SimulatorFile,
  claims: JWTPayload,
  header: Partial<JWTHeaderParameters> = {},
): Promise<string> {
  const { kid, privateKey } = await newestSigningKey(simulator);
  return await new SignJWT(claims)
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid, ...header })
    .sign(await importJWK(privateKey, 'RS256'));
}

/** The key pair that signs now; published is its public half alone, so it is read from the journal. */
export async function newestSigningKey({ caFile }: SimulatorFile) {
  const journal = await readFile(join(dirname(caFile), 'journal.jsonl'), 'utf8');
  const keys = journal
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => JSON.parse(line) as [string, string, StoredKey | null][])
    .flatMap(([collection, , key]) => (collection === '$signingKeys' && key !== null ? [key] : []));
  const newest = keys.at(-1);
  if (newest === undefined) throw new Error('finding the key Entra signs with: there is none');
  return newest;
}

interface StoredKey {
  readonly kid: string;
  readonly privateKey: JWK;
  readonly publicKey: JWK;
}
