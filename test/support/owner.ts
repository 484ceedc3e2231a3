import { createDial, type SimulatorFile } from '#libs/dial/dial.ts';
import { tokenFor } from './entra.ts';

/** What somebody else does in Azure by hand: raw ARM calls of the subscription's owner. */
export async function askArmAsOwner(
  simulator: SimulatorFile,
  method: 'GET' | 'PUT' | 'DELETE',
  { path, body, at = Date.now() }: { path: string; body?: object; at?: number },
): Promise<Response> {
  const token = await tokenFor(simulator, 'owner', 'https://management.azure.com/.default');
  const { fetch } = createDial(simulator);
  return await fetch(`https://management.azure.com${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${token}`,
      'Content-Type': 'application/json',
      // The clock that follows requests moves by this alone.
      'x-simulated-time': String(at),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}
