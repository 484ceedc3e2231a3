import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

/** Where the bundle lies, for the worker and for replays: made once at build time, the same everywhere. */
export const bundlePath = fileURLToPath(new URL('../../workflow-bundle.js', import.meta.url));

/** Bundles the compiled workflows; prints nothing unless something is wrong. */
async function bundle(): Promise<void> {
  const { code } = await bundleWorkflowCode({
    logger: new DefaultLogger('WARN'),
    workflowsPath: fileURLToPath(new URL('../../workflows/index.js', import.meta.url)),
  });
  await mkdir(dirname(bundlePath), { recursive: true });
  await writeFile(bundlePath, code);
}

if (import.meta.filename === process.argv[1]) await bundle();
