/** What somebody else does in Azure by hand, with no part of the product. */
import { createDial, type SimulatorFile } from '#libs/dial/dial.ts';
import { parseVaultId } from '#libs/domain/azure-ids.ts';
import { askControl } from '../stack/simulator-control.ts';
import { principalNamed } from '../stack/programs.ts';
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

/** Sends a vault's audit log to a workspace. @throws when Azure refuses it */
export async function auditVault(
  simulator: SimulatorFile,
  { vaultId, workspaceId }: { vaultId: string; workspaceId: string },
): Promise<void> {
  const setting = `${vaultId}/providers/Microsoft.Insights/diagnosticSettings/audit`;
  await mustSucceed(
    await askArmAsOwner(simulator, 'PUT', {
      path: `${setting}?api-version=2021-05-01-preview`,
      body: {
        properties: {
          workspaceId,
          logAnalyticsDestinationType: 'Dedicated',
          logs: [{ category: 'AuditEvent', enabled: true }],
        },
      },
    }),
    `sending the audit of ${vaultId}`,
  );
}

/** Lets a vault make a version of a key by its rotation policy; answers the version. @throws when Azure refuses it */
export async function rotateInVault(
  simulator: SimulatorFile,
  { vaultId, keyName }: { vaultId: string; keyName: string },
): Promise<string> {
  const { tenantId } = simulator;
  const { objectId } = principalNamed(simulator, 'owner');
  const policy = { tenantId, objectId, permissions: { keys: ['all'] } };
  const path = `${vaultId}/accessPolicies/add?api-version=2023-07-01`;
  const body = { properties: { accessPolicies: [policy] } };
  await mustSucceed(await askArmAsOwner(simulator, 'PUT', { path, body }), `entering ${vaultId}`);
  await askControl(simulator, 'POST /clock/advance', { seconds: 60 });
  const key = `https://${parseVaultId(vaultId)?.name ?? ''}.vault.azure.net/keys/${keyName}`;
  const lifetimeActions = [{ trigger: { timeAfterCreate: 'P90D' }, action: { type: 'Rotate' } }];
  await askVaultAsOwner(simulator, 'PUT', `${key}/rotationpolicy`, { lifetimeActions });
  const rotated = await askVaultAsOwner(simulator, 'POST', `${key}/rotate`, {});
  const { kid } = ((await rotated.json()) as { key: { kid: string } }).key;
  return kid.split('/').at(-1) ?? '';
}

async function askVaultAsOwner(
  simulator: SimulatorFile,
  method: 'PUT' | 'POST',
  ...[url, body]: [string, object]
): Promise<Response> {
  const token = await createTokenSource(simulator, 'owner', 'https://vault.azure.net')();
  const { fetch } = createDial(simulator);
  const answer = await fetch(`${url}?api-version=7.4`, {
    method,
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  return await mustSucceed(answer, `${method} ${url}`);
}

async function mustSucceed(answer: Response, doing: string): Promise<Response> {
  if (answer.ok) return answer;
  throw new Error(`${doing}: ${answer.status} ${await answer.text()}`);
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
