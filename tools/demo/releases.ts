import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../project.ts';

/** The workflow bundle of this build. */
const bundle = join(projectRoot, 'dist', 'workflow-bundle.js');

/** What the changed build says of a vault that it has made. */
export const changedDetail = 'made, with purge protection, and seen again by the next release';

/**
 * Writes the bundle of a later release, changed as released workflows may be: behind `patched`, the step of
 * the vault looks a second time. Answers its path.
 */
export const writeChangedBuild = async (folder: string): Promise<string> =>
  write(join(folder, 'changed-bundle.js'), (code) => {
    const [, sdk] = /\(0,(_temporalio_workflow__\w+)\.sleep\)\(_settle_js__/u.exec(code) ?? [];
    const looking = /const ensured = (await [\w.]+\.ensureVault\(.*\);)/u;
    return code
      .replace(looking, `$&\nif ((0,${sdk}.patched)('seen-again')) $1`)
      .replace("'made, with purge protection'", `'${changedDetail}'`);
  });

/**
 * Writes the bundle of a release that must not be: two steps of a provision have changed places, also for
 * those that run already. Answers its path.
 */
export const writeBrokenBuild = async (folder: string): Promise<string> =>
  write(join(folder, 'broken-bundle.js'), swapSteps);

/** The code with two steps of a provision in the other order. */
export const swapSteps = (code: string): string =>
  code
    .replaceAll('.ensureOwnAccess(', '.swapping(')
    .replaceAll('.ensureKeyVersion(', '.ensureOwnAccess(')
    .replaceAll('.swapping(', '.ensureKeyVersion(');

async function write(path: string, change: (code: string) => string): Promise<string> {
  const code = await readFile(bundle, 'utf8');
  const changed = change(code);
  if (changed === code) throw new Error(`writing ${path}: nothing in ${bundle} is to be changed`);
  await writeFile(path, changed);
  return path;
}
