import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { projectRoot } from '../../tools/project.ts';
import { breaches, permitted, targets } from './breaches.ts';

const run = promisify(execFile);

const report = z.object({
  summary: z.object({
    totalCruised: z.number(),
    violations: z.array(z.object({ from: z.string(), rule: z.object({ name: z.string() }) })),
  }),
});
type Report = z.infer<typeof report>['summary'];

const rules = z.object({
  default: z.object({ forbidden: z.array(z.object({ name: z.string(), comment: z.string() })) }),
});
const settings = join(projectRoot, '.dependency-cruiser.mjs');
const { forbidden: walls } = rules.parse(await import(settings)).default;

const rooms = ['apps', 'workflows', 'activities', 'libs', 'tools', 'test'];

/** Runs the checker as `npm run check:walls` does, in any folder. */
async function cruise(folder: string): Promise<Report> {
  const program = join(projectRoot, 'node_modules', '.bin', 'depcruise');
  const args = ['--config', settings, '-T', 'json', ...rooms];
  const { stdout } = await run(program, args, { cwd: folder, maxBuffer: 256 * 1024 * 1024 });
  return report.parse(JSON.parse(stdout)).summary;
}

describe('the walls', () => {
  let folder: string;
  let seen: Report;

  beforeAll(async () => {
    // Inside the project, so that its packages are found from there.
    await mkdir(join(projectRoot, '.cache'), { recursive: true });
    folder = await mkdtemp(join(projectRoot, '.cache', 'walls-'));
    await copyFile(join(projectRoot, 'package.json'), join(folder, 'package.json'));
    for (const { file, code } of [...targets, ...permitted, ...breaches]) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), code);
    }
    seen = await cruise(folder);
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it.each(breaches)('$wall stops $file', ({ wall, file }) => {
    const stops = seen.violations.filter(({ from }) => from === file).map(({ rule }) => rule.name);
    expect(stops).toContain(wall);
  });

  it.each(permitted)('let $file through', ({ file }) => {
    expect(seen.violations.filter(({ from }) => from === file)).toEqual([]);
  });

  it('are each breached here', () => {
    const breached = new Set(breaches.map(({ wall }) => wall));
    expect(walls.map(({ name }) => name).toSorted()).toEqual([...breached].toSorted());
  });

  it('each give their reason', () => {
    for (const { comment } of walls) expect(comment).toMatch(/^[A-Z].*[.]$/u);
  });
});

describe('the product', () => {
  it('is seen by the checker, and keeps to the walls', async () => {
    const { totalCruised, violations } = await cruise(projectRoot);
    expect(totalCruised).toBeGreaterThan(200);
    expect(violations).toEqual([]);
  });
});
