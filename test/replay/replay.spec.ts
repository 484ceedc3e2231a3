import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import proto from '@temporalio/proto';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { beforeAll, expect, it } from 'vitest';
import { swapSteps } from '../../tools/demo/releases.ts';
import { projectRoot } from '../../tools/project.ts';

/** Histories that the released code wrote (`npm run record`): what runs today must go on from them. */
const folder = join(import.meta.dirname, 'histories');
const saved = (await readdir(folder)).map((file) => basename(file, '.binpb'));

let code: string;

beforeAll(async () => {
  const logger = new DefaultLogger('ERROR');
  Runtime.install({ logger });
  const workflowsPath = join(projectRoot, 'workflows/index.ts');
  ({ code } = await bundleWorkflowCode({ workflowsPath, logger }));
});

async function replay(name: string, bundle: string): Promise<void> {
  const bytes = await readFile(join(folder, `${name}.binpb`));
  const history = proto.temporal.api.history.v1.History.decode(bytes);
  const options = { workflowBundle: { code: bundle } };
  await Worker.runReplayHistory(options, history, name);
}

it.each(saved)('goes on from the saved history %s', async (name) => {
  await expect(replay(name, code)).resolves.toBeUndefined();
});

it('does not go on when two steps of provision have changed places', async () => {
  const swapped = swapSteps(code);
  expect(swapped).not.toBe(code);
  await expect(replay('provision-succeeded', swapped)).rejects.toThrow(
    /TMPRL1100|[Nn]ondeterminism/u,
  );
});
