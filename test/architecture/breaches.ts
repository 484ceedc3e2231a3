/** One careless import: the file that holds it, what it says, and the wall that must stop it. */
export interface Breach {
  readonly wall: string;
  readonly file: string;
  readonly code: string;
}

const value = (specifier: string): string => `import * as it from '${specifier}';\nvoid it;\n`;

/** Every wall, breached at least once, the way a tired person would. */
export const breaches: readonly Breach[] = [
  { wall: 'no-cycles', file: 'libs/domain/cycle-a.ts', code: value('./cycle-b.ts') },
  {
    wall: 'apps-are-not-imported',
    file: 'tools/demo/app.ts',
    code: value('../../apps/api/app.module.ts'),
  },
  {
    wall: 'apps-stay-apart',
    file: 'apps/worker/other-app.ts',
    code: value('../api/app.module.ts'),
  },
  {
    wall: 'nobody-imports-tests',
    file: 'libs/ledger/test.ts',
    code: value('../../test/support/simulator.ts'),
  },
  { wall: 'domain-imports-nothing', file: 'libs/domain/package.ts', code: value('zod') },
  { wall: 'domain-imports-nothing', file: 'libs/domain/core.ts', code: value('node:crypto') },
  {
    wall: 'contracts-know-domain',
    file: 'libs/contracts/http/ledger.ts',
    code: value('#libs/ledger/ledger.ts'),
  },
  {
    wall: 'client-knows-contracts',
    file: 'libs/client/azure.ts',
    code: value('#libs/azure/azure.ts'),
  },
  {
    wall: 'azure-knows-azure',
    file: 'libs/azure/cluster.ts',
    code: value('#libs/domain/cluster.ts'),
  },
  {
    wall: 'ledger-knows-domain',
    file: 'libs/ledger/azure.ts',
    code: value('#libs/azure/azure.ts'),
  },
  {
    wall: 'small-libs-stand-alone',
    file: 'libs/telemetry/cluster.ts',
    code: value('#libs/domain/cluster.ts'),
  },
  { wall: 'workflows-are-pure', file: 'workflows/azure.ts', code: value('#libs/azure/azure.ts') },
  {
    wall: 'workflows-import-no-deeds',
    file: 'workflows/deeds.ts',
    code: value('#activities/index.ts'),
  },
  { wall: 'workflows-packages', file: 'workflows/package.ts', code: value('undici') },
  { wall: 'workflows-packages', file: 'workflows/files.ts', code: value('node:fs/promises') },
  {
    wall: 'activities-look-down',
    file: 'activities/story.ts',
    code: value('#workflows/index.ts'),
  },
  {
    wall: 'api-never-touches-azure',
    file: 'apps/api/azure.ts',
    code: value('#libs/azure/azure.ts'),
  },
  {
    wall: 'api-sees-workflow-types',
    file: 'apps/api/story.ts',
    code: value('#workflows/index.ts'),
  },
  { wall: 'cli-is-a-client', file: 'apps/cli/engine.ts', code: value('#libs/ledger/ledger.ts') },
  { wall: 'tools-stay-outside', file: 'tools/demo/deeds.ts', code: value('#activities/index.ts') },
  {
    wall: 'simulator-is-foreign',
    file: 'apps/simulator/domain.ts',
    code: value('#libs/domain/cluster.ts'),
  },
  {
    wall: 'simulator-is-foreign',
    file: 'apps/simulator/sdk.ts',
    code: value('@azure/keyvault-keys'),
  },
  {
    wall: 'azure-sdk-has-one-door',
    file: 'activities/sdk.ts',
    code: value('@azure/identity'),
  },
  {
    wall: 'nest-lives-in-the-api',
    file: 'libs/telemetry/nest.ts',
    code: value('@nestjs/common'),
  },
  {
    wall: 'worker-sdk-has-one-home',
    file: 'tools/demo/worker.ts',
    code: value('@temporalio/worker'),
  },
  {
    wall: 'client-sdk-has-few-homes',
    file: 'apps/worker/client.ts',
    code: value('@temporalio/client'),
  },
  { wall: 'databases-live-in-the-ledger', file: 'apps/worker/rows.ts', code: value('node:sqlite') },
  {
    wall: 'cross-rooms-by-name',
    file: 'activities/relative.ts',
    code: value('../libs/domain/cluster.ts'),
  },
  {
    wall: 'cross-rooms-by-name',
    file: 'libs/ledger/relative.ts',
    code: value('../domain/cluster.ts'),
  },
  { wall: 'nothing-unresolved', file: 'tools/demo/absent.ts', code: value('./nowhere.ts') },
  {
    wall: 'nothing-unresolved',
    file: 'tools/demo/absent-door.ts',
    code: value('#libs/domain/nowhere.ts'),
  },
];

const type = (specifier: string): string =>
  `import type { It } from '${specifier}';\nexport type Seen = It;\n`;

/** Imports that are wanted and look nearly like breaches. */
export const permitted: readonly Omit<Breach, 'wall'>[] = [
  { file: 'workflows/deed-types.ts', code: type('#activities/index.ts') },
  { file: 'workflows/rules.ts', code: value('#libs/domain/cluster.ts') },
  { file: 'workflows/sandbox.ts', code: value('@temporalio/workflow') },
  { file: 'apps/api/story-types.ts', code: type('#workflows/index.ts') },
  { file: 'libs/ledger/rows.ts', code: value('node:sqlite') },
  { file: 'libs/azure/sdk.ts', code: value('@azure/identity') },
  { file: 'apps/worker/deeds.ts', code: value('#activities/index.ts') },
  { file: 'libs/domain/neighbour.ts', code: value('./cluster.ts') },
];

const empty = 'export interface It {}\n';

/** What the imports above lead to. */
export const targets: readonly Omit<Breach, 'wall'>[] = [
  { file: 'libs/domain/cycle-b.ts', code: value('./cycle-a.ts') },
  ...[
    'apps/api/app.module.ts',
    'test/support/simulator.ts',
    'libs/azure/azure.ts',
    'libs/domain/cluster.ts',
    'libs/ledger/ledger.ts',
    'workflows/index.ts',
    'activities/index.ts',
  ].map((file) => ({ file, code: empty })),
];
