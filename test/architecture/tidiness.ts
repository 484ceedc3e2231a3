import { basename } from 'node:path';

/** A text file of the project; `path` from its root, with `/`. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** One rule of the house that can be seen in a single file. */
export interface Rule {
  readonly name: string;
  readonly isKept: (file: SourceFile) => boolean;
  /** A file that breaks it, so that the rule itself is tested. */
  readonly breach: SourceFile;
}

const maxCodeLines = 300;
const lists = ['workflows/index.ts', 'activities/index.ts'];
const drawers = /^(?:utils?|commons?|helpers?|shared|core|misc|base|lib|stuff|types|constants)$/u;
const isCode = ({ path }: SourceFile): boolean => /[.](?:ts|mjs)$/u.test(path);
const code = (path: string, text: string): SourceFile => ({ path, text });

export const rules: readonly Rule[] = [
  {
    name: 'no file or folder is a drawer for various things',
    isKept: ({ path }) => !path.split('/').some((part) => drawers.test(part.split('.')[0] ?? '')),
    breach: code('libs/azure/utils.ts', ''),
  },
  {
    name: 'names are kebab-case',
    isKept: (file) => !isCode(file) || /^[.a-z0-9-]+$/u.test(basename(file.path)),
    breach: code('libs/azure/keyVault.ts', ''),
  },
  {
    name: 'an index is one of the two lists',
    isKept: ({ path }) => !/^index[.]/u.test(basename(path)) || lists.includes(path),
    breach: code('libs/domain/index.ts', ''),
  },
  {
    name: 'no other file only passes on what others export',
    isKept: (file) => !isCode(file) || lists.includes(file.path) || !isBarrel(file.text),
    breach: code('libs/domain/all.ts', "export { a } from './a.ts';\nexport * from './b.ts';\n"),
  },
  {
    name: `no file holds more than ${maxCodeLines} lines of code`,
    isKept: (file) => !isCode(file) || codeLines(file.text).length <= maxCodeLines,
    breach: code('libs/domain/long.ts', 'const a = 1;\n'.repeat(maxCodeLines + 1)),
  },
  {
    name: 'the environment is read in config.ts, and before there is any',
    isKept: (file) =>
      !isCode(file) ||
      basename(file.path) === 'config.ts' ||
      file.path === 'tools/prepare.mjs' ||
      !/process[.]env\b/u.test(file.text),
    breach: code('apps/api/main.ts', 'const port = process.env.PORT;'),
  },
  {
    name: 'nothing is left to be done later',
    isKept: (file) => !/\b(?:TO|FIX)(?:DO|ME)\b/u.test(file.text),
    breach: code('libs/domain/plan.ts', '// TODO: later'),
  },
  {
    name: 'no test is skipped or alone',
    isKept: (file) =>
      !file.path.endsWith('.spec.ts') ||
      !/\b(?:it|test|describe)[.](?:skip|only|todo|fails)\b/u.test(file.text),
    breach: code('libs/domain/plan.spec.ts', "it.skip('adds up', () => {});"),
  },
  {
    name: 'no host of a package registry is named',
    isKept: (file) => !/registry[.](?:npmjs|yarnpkg)|(?:proxy|sum)[.]golang[.]org/u.test(file.text),
    breach: code('package-lock.json', ['registry', 'npmjs', 'org'].join('.')),
  },
  {
    name: 'workflows are bundled from their list',
    isKept: (file) =>
      !isCode(file) ||
      [...file.text.matchAll(/workflowsPath: .*/gu)].every(([line]) =>
        /workflows\/index[.](?:ts|js)/u.test(line),
      ),
    breach: code('test/replay/x.spec.ts', "workflowsPath: 'workflows/provision.ts'"),
  },
];

/** The lines that are neither blank nor only comment. */
function codeLines(text: string): string[] {
  return text
    .replaceAll(/\/\*[\s\S]*?\*\//gu, '')
    .split('\n')
    .filter((line) => !/^\s*(?:\/\/.*)?$/u.test(line));
}

function isBarrel(text: string): boolean {
  const statements = codeLines(text)
    .join(' ')
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
  return (
    statements.length > 0 &&
    statements.every((statement) => /^export (?:type )?(?:\*|\{).* from '/u.test(statement))
  );
}
