import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            '{apps,workflows,activities,libs,tools}/**/*.spec.ts',
            'test/{architecture,replay,trials}/**/*.spec.ts',
          ],
          testTimeout: 20_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'conformance',
          include: ['test/conformance/**/*.spec.ts'],
          testTimeout: 20_000,
          hookTimeout: 30_000,
          globalSetup: ['test/conformance/global-setup.ts'],
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.spec.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          fileParallelism: false,
          globalSetup: ['test/support/global-setup.ts'],
        },
      },
      {
        test: {
          name: 'postgres',
          include: ['test/postgres/**/*.spec.ts'],
          testTimeout: 180_000,
          hookTimeout: 300_000,
          fileParallelism: false,
          globalSetup: ['test/postgres/global-setup.ts'],
        },
      },
      {
        test: {
          name: 'record',
          include: ['test/replay/record-histories.ts'],
          testTimeout: 40_000,
          hookTimeout: 180_000,
          globalSetup: ['test/support/global-setup.ts'],
        },
      },
    ],
  },
});
