import { expect } from 'vitest';
import { createDial, type SimulatorFile } from '#libs/dial/dial.ts';
import { tokenFor } from './entra.ts';
import { askControl } from './simulator-control.ts';

/** What somebody else does in Azure by hand: raw ARM calls of the subscription's owner. */
export async function askArmAsOwner(
  simulator: SimulatorFile,
  method: 'GET' | 'PUT' | 'DELETE',
  { path, body }: { path: string; body?: object },
): Promise<Response> {
  const token = await tokenFor(simulator, 'owner', 'https://management.azure.com/.default');
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

/** Makes a cluster and deletes it: its name is held for fourteen days from then on. */
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
  expect(await made.json()).toMatchObject({ properties: { provisioningState: 'Succeeded' } });
  await askArmAsOwner(simulator, 'DELETE', { path });
  await letItSettle();
  expect((await askArmAsOwner(simulator, 'GET', { path })).status).toBe(404);
}

/** Makes a resource by hand. @throws when Azure refuses it */
export async function makeAsOwner(
  simulator: SimulatorFile,
  path: string,
  body: object,
): Promise<void> {
  const answer = await askArmAsOwner(simulator, 'PUT', { path, body });
  if (!answer.ok) throw new Error(`making ${path}: ${answer.status} ${await answer.text()}`);
}
