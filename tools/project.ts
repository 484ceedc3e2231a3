import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The project's folder, found upwards, since compiled files lie one level deeper than their sources. */
export const projectRoot = findUpwards(import.meta.dirname);

function findUpwards(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('finding the project: no package.json above the tools');
  return findUpwards(parent);
}
