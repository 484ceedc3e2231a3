#!/usr/bin/env node
/**
 * Makes a fresh clone ready, then becomes the command it is given: `node tools/prepare.mjs COMMAND [ARG…]`.
 * Plain JavaScript without dependencies, because it runs on whatever Node the machine has and before any
 * package is installed. Dependencies are installed under Node 24, since older npm runs choose older packages.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const binaries = join(root, 'node_modules', '.bin');
const stamp = join(root, 'node_modules', '.keyturn-lock');
const env = { ...process.env, PATH: `${binaries}${delimiter}${process.env.PATH ?? ''}` };

function run(title, command, args) {
  process.stderr.write(`${title}\n`);
  const { status, error } = spawnSync(command, args, { cwd: root, env, stdio: ['ignore', 2, 2] });
  if (status === 0) return;
  const reason = error === undefined ? `exit code ${status}` : error.message;
  process.stderr.write(`${title} failed (${reason}).\n`);
  process.exit(1);
}

function installDependencies() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  const [major] = process.versions.node.split('.');
  const install = ['npm', 'ci', '--no-audit', '--no-fund', '--loglevel=error'];
  if (Number(major) >= 24) run('Installing dependencies', install[0], install.slice(1));
  else
    run('Installing dependencies under Node 24', 'npx', ['-y', '-p', 'node@24', '--', ...install]);
  writeFileSync(stamp, lock);
}

installDependencies();
run('Compiling', join(binaries, 'tsc'), []);
if (existsSync(join(root, 'dist/apps/worker/bundle-workflows.js'))) {
  run('Bundling workflows', join(binaries, 'node'), ['dist/apps/worker/bundle-workflows.js']);
}

const [command, ...args] = process.argv.slice(2);
if (command !== undefined) {
  const child = spawn(command, args, { cwd: root, env, stdio: 'inherit' });
  // A terminal sends Ctrl-C to the whole group; a supervisor signals this process alone.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => child.kill(signal));
  // npm killed without warning would leave the command running where nobody sees it; it watches us in turn.
  if (process.env.npm_lifecycle_event !== undefined) {
    const parent = process.ppid;
    const watch = setInterval(() => process.ppid === parent || child.kill('SIGTERM'), 1_000);
    watch.unref();
  }
  child.on('error', (error) => {
    process.stderr.write(`starting ${command}: ${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
}
