import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { describeEnding, startChild } from './child.ts';

const path = fileURLToPath(new URL('child.ts', import.meta.url));
const env = { PATH: '/usr/bin:/bin' };

function startScript(script: string, lines: string[] = []) {
  return startChild({
    name: 'sample',
    command: process.execPath,
    args: ['-e', script],
    env,
    isReady: () => true,
    log: (line) => void lines.push(line),
  });
}

const stay = 'setInterval(() => {}, 1000);';

async function isGone(pid: number): Promise<boolean> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    await setTimeout(50);
  }
  return false;
}

describe('a child', () => {
  it('is ready with the line of JSON it prints', async () => {
    const child = startScript(`console.log('{"port":7}'); ${stay}`);
    expect(await child.ready(10_000)).toEqual({ port: 7 });
    await child.stop(5_000);
  });

  it('is ready with the line that is recognised, and logs the others', async () => {
    const lines: string[] = [];
    const child = startChild({
      name: 'sample',
      command: process.execPath,
      args: ['-e', `console.log('{"level":"info"}'); console.log('{"ready":true}'); ${stay}`],
      env,
      isReady: (said) => typeof said === 'object' && said !== null && 'ready' in said,
      log: (line) => void lines.push(line),
    });
    expect(await child.ready(10_000)).toEqual({ ready: true });
    await child.stop(5_000);
    expect(lines).toEqual(['{"level":"info"}']);
  });

  it('logs what it writes on either stream', async () => {
    const lines: string[] = [];
    const child = startScript(`console.log('out'); console.error('err')`, lines);
    await child.ended;
    expect(lines.toSorted()).toEqual(['err', 'out']);
  });

  it('is reported with its last words when it ends before it is ready', async () => {
    const child = startScript(`console.error('no such file'); process.exitCode = 3`);
    await expect(child.ready(10_000)).rejects.toThrow(
      'starting sample: it ended with code 3; its last lines:\n    no such file',
    );
  });

  it('is reported when it does not become ready in time', async () => {
    const child = startScript(stay);
    await expect(child.ready(50)).rejects.toThrow('starting sample: not ready within 0.05 s');
    await child.kill();
  });

  it('gets only the environment it is given', async () => {
    const child = startScript(
      `console.log(JSON.stringify({ home: require('node:process').env.HOME ?? null }))`,
    );
    expect(await child.ready(10_000)).toEqual({ home: null });
  });

  it('may end in its own way when it is stopped', async () => {
    const script = `process.on('SIGTERM', () => { console.error('bye'); process.exit(5); });
      console.log('{}'); ${stay}`;
    const child = startScript(script);
    await child.ready(10_000);
    expect(await child.stop(10_000)).toEqual({ code: 5, signal: null, lastLines: ['bye'] });
  });

  it('is killed when it does not stop in time', async () => {
    const child = startScript(`process.on('SIGTERM', () => {}); console.log('{}'); ${stay}`);
    await child.ready(10_000);
    expect(await child.stop(100)).toMatchObject({ code: null, signal: 'SIGKILL' });
  });

  it('is stopped when its signal is aborted', async () => {
    const abort = new AbortController();
    const { signal } = abort;
    const command = { command: 'sleep', args: ['60'], env, log: () => {} };
    const child = startChild({ name: 'sample', ...command, signal });
    abort.abort();
    expect(await child.ended).toMatchObject({ signal: 'SIGTERM' });
    expect(() => startChild({ name: 'sample', ...command, signal })).toThrow('aborted');
  });

  it('takes its own children along', async () => {
    const script = `const { pid } = require('node:child_process').spawn('sleep', ['60']);
      console.log(JSON.stringify({ pid })); ${stay}`;
    const child = startScript(script);
    const { pid } = (await child.ready(10_000)) as { pid: number };
    await child.kill();
    expect(await isGone(pid)).toBe(true);
  });

  it.each([
    { does: 'ends when its parent is killed without warning', script: '' },
    {
      does: 'is ended then also against its will',
      script: "process.on('SIGTERM', () => {});",
    },
  ])('$does', { timeout: 20_000 }, async ({ script }) => {
    const parent = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { startChild } from ${JSON.stringify(path)};
         const args = ['-e', ${JSON.stringify(`${script} ${stay} console.log('{}')`)}];
         const command = { command: process.execPath, args, env: ${JSON.stringify(env)} };
         const child = startChild({ name: 'x', ...command, isReady: () => true, log() {} });
         await child.ready(10_000);
         console.log(child.pid);`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
    parent.kill('SIGKILL');
    expect(await isGone(Number(line))).toBe(true);
  });
});

describe('describeEnding', () => {
  it('names the signal of a killed process', () => {
    const ending = { code: null, signal: 'SIGKILL', lastLines: [] } as const;
    expect(describeEnding(ending)).toBe('by SIGKILL, without a word');
  });
});
