/** What `npm run simulator` tells a person to type, typed: the part for curl, where curl is installed. */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parseSimulatorFile } from '#libs/dial/dial.ts';

const main = path.resolve(import.meta.dirname, '../../apps/simulator/main.ts');
const hasCurl = spawnSync('curl', ['--version']).status === 0;
if (!hasCurl) process.stderr.write('conformance: curl: LEFT OUT, it is not installed\n');

test('the simulator alone tells how to reach it, and what it tells works', async () => {
  const child = spawn(process.execPath, ['-C', 'development', main], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const killWithUs = () => child.kill('SIGKILL');
  process.once('exit', killWithUs);
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { subscriptionId, caFile } = parseSimulatorFile(line);
  const guide = await readUntil(child.stderr, '/seed -d');
  const curl = /# curl\n(?<lines>[^]*?)\n\n/u.exec(guide)?.groups?.['lines'] ?? '';
  expect(guide).toContain(`SSL_CERT_FILE=${caFile}`);
  expect(guide).toContain(`ARM_SUBSCRIPTION_ID=${subscriptionId}`);
  expect(guide).toContain('az login --service-principal');
  expect(curl).toContain('curl');
  if (hasCurl) {
    const { stdout } = await promisify(execFile)('bash', ['-c', curl]);
    expect(JSON.parse(stdout)).toMatchObject({ value: [{ name: 'rg-logs' }] });
  }
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
  process.removeListener('exit', killWithUs);
}, 60_000);

/** The lines of a stream up to the one that holds the mark. */
async function readUntil(stream: Readable, mark: string): Promise<string> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: stream })) {
    lines.push(line);
    if (line.includes(mark)) break;
  }
  return lines.join('\n');
}
