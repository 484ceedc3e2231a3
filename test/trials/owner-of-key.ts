/** The owner of a site's key, who lets the vault rotate it by itself. */
import { createDial, type SimulatorFile } from '#libs/dial/dial.ts';
import { principalNamed } from '../../tools/stack/programs.ts';
import { tokenFor } from '../support/entra.ts';
import { askArmAsOwner } from '../support/owner.ts';
import type { Site } from './site.ts';

/** How old a version is when the vault makes the next. */
export const rotatesAfterDays = 7;

/** Has the vault rotate the key by a policy. @throws when Azure refuses it */
export async function letVaultRotate(simulator: SimulatorFile, { order }: Site): Promise<void> {
  const { tenantId } = simulator;
  const { vaultId, name } = order.key;
  const { objectId } = principalNamed(simulator, 'owner');
  const policy = { tenantId, objectId, permissions: { keys: ['all'] } };
  const path = `${vaultId}/accessPolicies/add?api-version=2023-07-01`;
  const body = { properties: { accessPolicies: [policy] } };
  await mustBeOk('adding a policy', await askArmAsOwner(simulator, 'PUT', { path, body }));
  const trigger = { timeAfterCreate: `P${rotatesAfterDays}D` };
  const rotation = { lifetimeActions: [{ trigger, action: { type: 'Rotate' } }], attributes: {} };
  const token = await tokenFor(simulator, 'owner', 'https://vault.azure.net/.default');
  const vault = vaultId.split('/').at(-1);
  const url = `https://${vault}.vault.azure.net/keys/${name}/rotationpolicy?api-version=7.4`;
  const answer = await createDial(simulator).fetch(url, {
    method: 'PUT',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(rotation),
  });
  await mustBeOk('having the vault rotate', answer);
}

async function mustBeOk(what: string, answer: Response): Promise<void> {
  if (!answer.ok) throw new Error(`${what}: ${answer.status} ${await answer.text()}`);
}
