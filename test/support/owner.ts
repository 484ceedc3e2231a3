import { createDial, type SimulatorFile } from '#libs/dial/dial.ts';
import { principalNamed } from '../../tools/stack/programs.ts';

/** What somebody else does in Azure by hand: raw ARM calls of the subscription's owner. */
export async function askArmAsOwner(
  simulator: SimulatorFile,
  method: 'GET' | 'PUT' | 'DELETE',
  { path, body, at = Date.now() }: { path: string; body?: object; at?: number },
): Promise<Response> {
  const { fetch } = createDial(simulator);
  const { clientId, clientSecret } = principalNamed(simulator, 'owner');
  const answer = await fetch(
    `https://login.microsoftonline.com/${simulator.tenantId}/oauth2/v2.0/token`,
    {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: clientSecret,
        scope: 'https://management.azure.com/.default',
      }),
    },
  );
  const { access_token: token } = (await answer.json()) as { access_token: string };
  const response = await fetch(`https://management.azure.com${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${token}`,
      'Content-Type': 'application/json',
      // The clock that follows requests moves by this alone.
      'x-simulated-time': String(at),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return response;
}
