/** What somebody else does in Azure by hand, with no part of the product. */
import { createDial, type SimulatorFile } from '#libs/dial/dial.ts';
import { askControl } from '../stack/simulator-control.ts';
import { createTokenSource } from './tokens.ts';

/** A raw ARM call of the subscription's owner. */
export async function askArmAsOwner(
  simulator: SimulatorFile,
  method: 'GET' | 'PUT' | 'DELETE',
  { path, body }: { path: string; body?: object },
): Promise<Response> {
  const token = await createTokenSource(simulator, 'owner', 'https://management.azure.com')();
  const { fetch } = createDial(simulator);
  return await fetch(`https://management.azure.com${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${token}`,
      'Content-Type': 'application/json',
      // The clock that follows requests moves by this alone.
      'x-simulated-time': String(Date.now()),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/**
 * Makes a cluster and deletes it: its name is held for fourteen days from then on.
 * @throws when Azure does otherwise
 */
export async function makeAndDeleteCluster(
  simulator: SimulatorFile,
  clusterId: string,
): Promise<void> {
  const path = `${clusterId}?api-version=2025-07-01`;
  const letItSettle = async () =>
    await askControl(simulator, 'POST /clock/advance', { seconds: 60 });
  const body = {
    location: simulator.location,
    identity: { type: 'SystemAssigned' },
    sku: { name: 'CapacityReservation', capacity: 500 },
  };
  await askArmAsOwner(simulator, 'PUT', { path, body });
  await letItSettle();
  const made = await askArmAsOwner(simulator, 'GET', { path });
  const shown = await made.text();
  if (!shown.includes('"Succeeded"')) throw new Error(`making ${clusterId}: Azure shows ${shown}`);
  await askArmAsOwner(simulator, 'DELETE', { path });
  await letItSettle();
  const { status } = await askArmAsOwner(simulator, 'GET', { path });
  if (status !== 404) throw new Error(`deleting ${clusterId}: Azure answers ${status}`);
}
