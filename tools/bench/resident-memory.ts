import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Memory of the worker that is our child, in MB; undefined on a machine without `ps`. */
export async function workerMemoryMb(): Promise<number | undefined> {
  const listed = await run('ps', ['-A', '-o', 'ppid=,rss=,args=']).catch(() => undefined);
  const ours = listed?.stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/u))
    .find(([parent, , ...args]) => {
      return Number(parent) === process.pid && args.join(' ').includes('apps/worker/main.js');
    });
  return ours === undefined ? undefined : Number(ours[1]) / 1024;
}
