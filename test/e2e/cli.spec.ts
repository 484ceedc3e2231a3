import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { operationView } from '#libs/contracts/http/operation-views.ts';
import { readToolsConfig } from '../../tools/config.ts';
import { projectRoot } from '../../tools/project.ts';
import { placesIn } from '../../tools/stack/programs.ts';
import { startProduct, type Product } from '../support/product.ts';

let product: Product;
let home: string;

beforeAll(async () => {
  product = await startProduct(inject('temporalAddress'));
  home = await mkdtemp(join(tmpdir(), 'keyturn-cli-'));
  const simulator = placesIn(product.dataFolder).simulatorFile;
  const { code } = await keyturn('login', '--api', product.stack.api, '--simulator', simulator);
  expect(code).toBe(0);
});

afterAll(async () => {
  await product.stop();
  await rm(home, { recursive: true, force: true });
});

/** Runs the built command line as people do, with a home of its own. */
async function keyturn(...args: readonly string[]) {
  const program = join(projectRoot, 'dist', 'apps', 'cli', 'main.js');
  const { path: PATH } = readToolsConfig();
  const running = spawn(process.execPath, [program, ...args], {
    cwd: projectRoot,
    env: { PATH, HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  running.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()));
  running.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()));
  const [code] = (await once(running, 'close')) as [number];
  return { code, ...said, lines: said.out.trimEnd().split('\n') };
}

const example = ['-f', 'examples/provision.yaml'];

it('keeps the login for its owner alone', async () => {
  const { mode } = await stat(join(home, '.config', 'keyturn', 'token.json'));
  expect(mode & 0o777).toBe(0o600);
});

it('plans the example, provisions by that plan, and watches to the end', async () => {
  const planned = await keyturn('plan', ...example);
  expect(planned.code).toBe(0);
  const hash = /^hash +([0-9a-f]{64})$/mu.exec(planned.out)?.[1] ?? '';
  const started = await keyturn('provision', ...example, '--accept-plan', hash);
  expect(started.code).toBe(0);
  const watched = await keyturn('watch');
  expect(watched.code).toBe(0);
  expect(watched.out).toContain(`plan ${hash}`);
  expect(watched.out).toContain('✓ Link 3 workspaces');
  const card = await keyturn('cluster', 'rg-logs/logs-prod', '--json');
  expect(JSON.parse(card.out)).toMatchObject({ state: 'protected', linkedWorkspaces: 3 });
});

it('tells programs each state in one line of JSON', async () => {
  const overrides = ['cluster.name=logs-json', 'key.vaultId=kv-logs-json', 'workspaces=[]'];
  const set = overrides.flatMap((override) => ['--set', override]);
  const { code, lines } = await keyturn('provision', ...example, ...set, '--watch', '--json');
  expect(code).toBe(0);
  const states = lines.map((line) => operationView.parse(JSON.parse(line)));
  expect(new Set(states.map(({ seq }) => seq)).size).toBe(states.length);
  expect(states.at(-1)).toMatchObject({ state: 'succeeded' });
});

it('names every slip of a bad request, with exit code 2', async () => {
  const path = join(home, 'bad.yaml');
  await writeFile(path, 'cluster: { name: -a-, resourceGroup: rg-logs }\nregion: westeurope\n');
  const { code, out, err } = await keyturn('provision', '-f', path);
  expect(code).toBe(2);
  expect(out).toBe('');
  for (const field of ['cluster.name', 'capacityGbPerDay', 'key']) expect(err).toContain(field);
});

it('ends with 3 when a provision is refused, and says what would help', async () => {
  const set = ['--set', 'cluster.name=logs-else', '--set', 'workspaces=[ws-absent]'];
  const { code, out } = await keyturn('provision', ...example, ...set, '--watch');
  expect(code).toBe(3);
  expect(out).toContain('blocker workspace_missing');
});

it('discovers, inspects and adopts, each with the exit code of what it found', async () => {
  const { subscriptionId } = product.stack.simulator;
  const found = await keyturn('discover', subscriptionId);
  expect(found.code).toBe(0);
  expect(found.lines[1]).toMatch(/^logs-prod +rg-logs +yes +westeurope +500 +explicit +3 +0$/u);
  const inspected = await keyturn('inspect', 'rg-logs/logs-prod', '--watch');
  expect(inspected.code).toBe(0);
  expect(inspected.out).toContain('succeeded: The cluster was read; nothing is amiss.');
  const absent = await keyturn('adopt', 'rg-logs/logs-nowhere', '--watch', '--json');
  expect(absent.code).toBe(3);
  expect(JSON.parse(absent.lines.at(-1) ?? '')).toMatchObject({ kind: 'adopt', state: 'refused' });
});

it('rotates anew each time, and asks a second person before it revokes', async () => {
  const alone = ['--soak-hours', '0', '--no-retire'];
  const rotate = ['rotate', 'rg-logs/logs-prod', ...alone, '--watch'];
  const [one, two] = [await keyturn(...rotate), await keyturn(...rotate)];
  expect([one.code, two.code]).toEqual([0, 0]);
  const versionIn = ({ out }: { out: string }) => /uses version (?<v>[0-9a-f]{32})/u.exec(out)?.[1];
  expect(versionIn(one)).toBeDefined();
  expect(versionIn(two)).not.toBe(versionIn(one));
  const revoke = ['revoke', 'rg-logs/logs-prod', '--reason', 'a test', '--watch'];
  const asking = await keyturn(...revoke);
  expect(asking.code).toBe(4);
  const [, id = ''] = /approve (?<id>[0-9a-f-]{36})/u.exec(asking.out + asking.err) ?? [];
  const rejected = await keyturn('reject', id, '--as', 'approver', '--reason', 'not now');
  expect(rejected.out).toMatch(/^state +rejected$/mu);
  expect((await keyturn('revoke', 'rg-logs/logs-prod')).code).toBe(2);
});

it('takes over by provision what is there already, and says what is not as requested', async () => {
  const set = ['onExisting=adopt', 'capacityGbPerDay=1000'].flatMap((each) => ['--set', each]);
  const { code, out } = await keyturn('provision', ...example, ...set, '--watch');
  expect(code).toBe(0);
  expect(out).toContain('not_as_requested');
});

it('ends with 6 when the role does not allow it', async () => {
  const { code, err } = await keyturn('provision', ...example, '--as', 'reader');
  expect(code).toBe(6);
  expect(err).toContain('forbidden');
});

it('ends with 7 when the API cannot be reached', async () => {
  const { code, out, err } = await keyturn('clusters', '--api', 'http://127.0.0.1:1');
  expect(code).toBe(7);
  expect(out).toBe('');
  expect(err).toContain('the API at http://127.0.0.1:1 cannot be reached');
});
