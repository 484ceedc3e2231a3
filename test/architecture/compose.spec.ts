import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { parseConfig as parseApiConfig } from '../../apps/api/config.ts';
import { readConfig as readWorkerConfig } from '../../apps/worker/config.ts';
import { projectRoot } from '../../tools/project.ts';
import {
  dynamicSettings,
  toDynamicConfigFile,
} from '../../tools/temporal-server/server-settings.ts';

const service = z.object({
  image: z.string(),
  build: z.string().optional(),
  profiles: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string().nullable()).default({}),
  command: z.array(z.string()).optional(),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  network_mode: z.string().optional(),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
});
const composition = z.object({
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.unknown()),
});
type Service = z.infer<typeof service>;

const read = (path: string) => readFileSync(join(projectRoot, path), 'utf8');
// Merge keys belong to YAML 1.1, which is what compose reads.
const { services, volumes } = composition.parse(parse(read('docker-compose.yml'), { merge: true }));
const all = Object.entries(services).map(([name, content]) => ({ name, ...content }));
const ours = all.filter(({ build }) => build !== undefined);
const dockerfile = read('Dockerfile').split('\n');

/** What stands behind a word of the Dockerfile, line by line. */
const instructions = (word: string): string[] =>
  dockerfile
    .filter((line) => line.startsWith(`${word} `))
    .map((line) => line.slice(word.length + 1));

/** Compiled programs that a command names, as the sources they come from. */
const sourcesOf = (command: readonly string[]): string[] =>
  command
    .filter((word) => /^dist\/.*[.]js$/u.test(word))
    .map((word) => word.replace(/^dist\//u, '').replace(/[.]js$/u, '.ts'));

/** The environment as a process would have it; what is passed on from outside is set when it is named. */
function environmentOf({ environment }: Service, outside: Readonly<Record<string, string>> = {}) {
  const entries = Object.entries(environment).map(([name, value]) => [
    name,
    value ?? outside[name],
  ]);
  return Object.fromEntries(entries) as Record<string, string | undefined>;
}

const named = (name: string): Service => {
  const found = services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no ${name}`);
  return found;
};

describe('docker-compose.yml', () => {
  it.each(all)('pins the image of $name', ({ image }) => {
    expect(image).toMatch(/^[a-z0-9/.-]+:\d+(?:[.]\d+)+(?:-[a-z0-9-]+)?$/u);
  });

  it.each(ours)('has $name run a program that there is', ({ command = [] }) => {
    const sources = sourcesOf(command);
    expect(sources).toHaveLength(1);
    for (const source of sources) expect(existsSync(join(projectRoot, source))).toBe(true);
  });

  it.each(all)('asks whether $name is well, unless it ends by itself', (each) => {
    const { name, healthcheck, image } = each;
    const ends = all.some(
      ({ depends_on: needs }) => needs[name]?.condition === 'service_completed_successfully',
    );
    expect(healthcheck === undefined, `${name} (${image})`).toBe(ends);
    for (const source of sourcesOf(healthcheck?.test ?? []))
      expect(existsSync(join(projectRoot, source))).toBe(true);
  });

  it.each(all)('has $name wait for and share a network with what there is', (each) => {
    const shared = each.network_mode?.replace(/^service:/u, '');
    const others = [...Object.keys(each.depends_on), ...(shared === undefined ? [] : [shared])];
    for (const other of others) {
      const { profiles } = named(other);
      // A service of another profile would not be started along.
      expect(profiles.every((profile) => each.profiles.includes(profile))).toBe(true);
    }
  });

  it.each(all)('gives $name volumes and files that there are', (each) => {
    for (const volume of each.volumes) {
      const [source = ''] = volume.split(':');
      const isFile = source.startsWith('./');
      expect(isFile ? existsSync(join(projectRoot, source)) : source in volumes).toBe(true);
    }
  });

  it.each(all)('shows ports of $name to this machine alone', ({ ports }) => {
    for (const port of ports) expect(port).toMatch(/^127[.]0[.]0[.]1:/u);
  });

  it.each(all)('holds no secret of $name', ({ environment }) => {
    const secrets = Object.entries(environment).filter(([name]) =>
      /PASSW|PWD|SECRET|_KEY/u.test(name),
    );
    for (const [, value] of secrets) expect(value ?? '').toMatch(/^(?:\$\{[A-Z_]+:\?.*\})?$/u);
  });

  it('tells Temporal what the tools tell it', () => {
    const lines = read('docker/temporal-settings.yaml');
    expect(parse(lines)).toEqual(parse(toDynamicConfigFile(dynamicSettings('real'))));
  });
});

describe('the settings in docker-compose.yml', () => {
  const settings = {
    api: read('apps/api/config.ts'),
    worker: read('apps/worker/config.ts'),
  };
  const tenant = '11111111-1111-4111-8111-111111111111';

  it.each([
    ['api', 'api'],
    ['simulated-api', 'api'],
    ['worker', 'worker'],
    ['simulated-worker', 'worker'],
  ] as const)('of %s are all known to the %s', (name, app) => {
    const known = [...settings[app].matchAll(/^\s+([A-Z][A-Z_]+): z?/gmu)].map(([, word]) => word);
    // This one is read by the client of PostgreSQL.
    known.push('PGPASSWORD');
    expect(Object.keys(named(name).environment).filter((word) => !known.includes(word))).toEqual(
      [],
    );
  });

  it('are good for the API on Azure', () => {
    const environment = environmentOf(named('api'), { KEYTURN_TENANT_ID: tenant });
    expect(parseApiConfig(environment)).toMatchObject({ host: '0.0.0.0', port: 8080 });
  });

  it('are good for the API beside the simulator', () => {
    const environment = environmentOf(named('simulated-api'));
    // The file is read at once, and is there only while the simulator runs.
    const config = parseApiConfig({ ...environment, KEYTURN_TENANT_ID: tenant });
    expect(config.simulatorFile).toBe('/simulator/simulator.json');
  });

  it.each(['worker', 'simulated-worker'])('are good for the %s', (name) => {
    expect(() => readWorkerConfig(environmentOf(named(name)))).not.toThrow();
  });

  it('name a ledger that the database is made with', () => {
    const { KEYTURN_LEDGER: ledger } = environmentOf(named('worker'));
    const { POSTGRES_DB: database, POSTGRES_USER: user } = environmentOf(named('postgres'));
    expect(ledger).toBe(`postgres://${user}@postgres:5432/${database}`);
  });

  it('lead all of ours to one Temporal, namespace and ledger', () => {
    const apps = ours.filter(({ name }) => name !== 'simulator');
    for (const shared of ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE', 'KEYTURN_LEDGER'])
      expect(new Set(apps.map(({ environment }) => environment[shared])).size).toBe(1);
  });
});

describe('the Dockerfile', () => {
  it('is built on the Node that we test with, in stages', () => {
    const pinned = z
      .object({ devDependencies: z.object({ node: z.string() }) })
      .parse(JSON.parse(read('package.json')));
    const bases = instructions('FROM').map((line) => line.split(' ')[0]);
    expect(bases).toHaveLength(2);
    for (const base of bases) {
      expect(base).toBe(`node:${pinned.devDependencies.node}-bookworm-slim`);
    }
  });

  it('copies what there is, and nothing that is kept from it', () => {
    const sources = instructions('COPY')
      .filter((line) => !line.startsWith('--from'))
      .flatMap((line) => line.split(' ').slice(0, -1));
    const permitted = read('.dockerignore').split('\n');
    for (const source of sources) {
      const path = source.replace(/^[.]\//u, '');
      expect(existsSync(join(projectRoot, path)), path).toBe(true);
      expect(permitted).toContain(`!${path}`);
    }
  });

  it('runs as nobody in particular, once everything is in its place', () => {
    const last = dockerfile.findIndex((line) => line.startsWith('USER '));
    expect(dockerfile[last]).toBe('USER node');
    expect(dockerfile.slice(last + 1).some((line) => /^(?:RUN|COPY) /u.test(line))).toBe(false);
  });

  it('uses scripts of package.json', () => {
    const { scripts } = z
      .object({ scripts: z.record(z.string(), z.string()) })
      .parse(JSON.parse(read('package.json')));
    const used = [...read('Dockerfile').matchAll(/npm run ([\w:]+)/gu)].map(([, name]) => name);
    expect(used.length).toBeGreaterThan(0);
    for (const name of used) expect(scripts).toHaveProperty([name ?? '']);
  });
});
