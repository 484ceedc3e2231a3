import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
} from '@temporalio/worker';
import { raw } from './names.ts';

/** The worker of the raw measure, with the settings of the product's: `worker.js ADDRESS NAMESPACE`. */
async function main(): Promise<void> {
  const [address = '', namespace = ''] = parseArgs({ allowPositionals: true }).positionals;
  const logger = new DefaultLogger('ERROR');
  Runtime.install({ logger });
  const workflowsPath = fileURLToPath(new URL('workflows.js', import.meta.url));
  const worker = await Worker.create({
    connection: await NativeConnection.connect({ address }),
    namespace,
    taskQueue: raw.taskQueue,
    workflowBundle: await bundleWorkflowCode({ workflowsPath, logger }),
    maxCachedWorkflows: 200,
    stickyQueueScheduleToStartTimeout: '1 second',
  });
  process.stdout.write(`${JSON.stringify({ ready: true })}\n`);
  await worker.run();
}

await main();
