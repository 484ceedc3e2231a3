import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../../tools/project.ts';

/**
 * Every workflow of every worker starts from it: a heavy import there is paid again and again. Without the source
 * map behind it, which is twice as long and is read for stack traces alone.
 */
const maxBytes = 1024 * 1024;

describe('the workflow bundle', () => {
  let code: string;
  let modules: string[];

  beforeAll(async () => {
    const bundle = await bundleWorkflowCode({
      workflowsPath: join(projectRoot, 'workflows/index.ts'),
      logger: new DefaultLogger('ERROR'),
    });
    ({ code } = bundle);
    modules = [...code.matchAll(/^\/\*{3}\/ "([^"]+)"/gmu)].map(([, module = '']) => module);
  });

  it('is small', () => {
    const [run = ''] = code.split('//# sourceMappingURL=');
    expect(Buffer.byteLength(run)).toBeGreaterThan(maxBytes / 2);
    expect(Buffer.byteLength(run)).toBeLessThan(maxBytes);
  });

  it('holds the workflows', () => {
    expect(modules).toContain('./workflows/provision.ts');
    expect(modules).toContain('./workflows/cluster.ts');
  });

  it.each(['@azure/', '@nestjs/', 'reflect-metadata', 'node_modules/zod/', './activities/'])(
    'holds nothing of %s',
    (name) => {
      expect(modules.filter((module) => module.includes(name))).toEqual([]);
    },
  );
});
