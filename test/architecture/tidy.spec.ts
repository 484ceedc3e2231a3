import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../../tools/project.ts';
import { rules } from './tidiness.ts';
import type { SourceFile } from './tidiness.ts';

/** What is brought or made, and not written. */
const foreign = new Set(['node_modules', 'dist', '.git', '.cache', '.data', 'coverage']);

function readFiles(folder = ''): SourceFile[] {
  return readdirSync(join(projectRoot, folder), { withFileTypes: true }).flatMap((entry) => {
    if (foreign.has(entry.name)) return [];
    // Holds a breach of every rule.
    if (entry.name === 'tidiness.ts') return [];
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return readFiles(path);
    return [{ path, text: readFileSync(join(projectRoot, path), 'utf8') }];
  });
}

const files = readFiles();

describe('the house', () => {
  it('is read whole', () => {
    expect(files.length).toBeGreaterThan(250);
  });

  it.each(rules)('$name', ({ isKept }) => {
    expect(files.filter((file) => !isKept(file)).map(({ path }) => path)).toEqual([]);
  });

  it.each(rules)('would notice a breach of: $name', ({ isKept, breach }) => {
    expect(isKept(breach)).toBe(false);
  });
});

describe('the list of workflows', () => {
  const list = files.find(({ path }) => path === 'workflows/index.ts')?.text ?? '';
  const entries = [...list.matchAll(/^export \{ (\w+) \} from '[.]\/([a-z-]+)[.]ts';$/gmu)];

  it('holds nothing but one workflow a line', () => {
    const lines = list.split('\n').filter((line) => line !== '' && !line.startsWith('/**'));
    expect(entries.length).toBeGreaterThan(0);
    expect(entries).toHaveLength(lines.length);
  });

  it.each(entries.map(([, name = '', file = '']) => ({ name, file })))(
    'finds $name in the file of its name',
    ({ name, file }) => {
      expect(file).toBe(name.replaceAll(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`));
      const source = files.find(({ path }) => path === `workflows/${file}.ts`)?.text;
      expect(source).toContain(`export async function ${name}(`);
    },
  );
});
