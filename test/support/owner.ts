import type { SimulatorFile } from '#libs/dial/dial.ts';
import { askArmAsOwner } from '../../tools/demo/owner.ts';

export { askArmAsOwner, makeAndDeleteCluster } from '../../tools/demo/owner.ts';

/** Makes a resource by hand. @throws when Azure refuses it */
export async function makeAsOwner(
  simulator: SimulatorFile,
  path: string,
  body: object,
): Promise<void> {
  const answer = await askArmAsOwner(simulator, 'PUT', { path, body });
  if (!answer.ok) throw new Error(`making ${path}: ${answer.status} ${await answer.text()}`);
}
