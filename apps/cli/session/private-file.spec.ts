import { chmodSync, existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  readPrivateFile,
  removePrivateFile,
  tryWritePrivateFile,
  writePrivateFile,
} from './private-file.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const schema = z.object({ a: z.number() });
const modeOf = (path: string) => statSync(path).mode & 0o777;

describe('a private file', () => {
  it('is for its owner alone, and so is its folder', () => {
    const path = join(temporaryFolder(), 'keyturn', 'token.json');
    writePrivateFile(path, { a: 1 });
    expect(modeOf(path)).toBe(0o600);
    expect(modeOf(join(path, '..'))).toBe(0o700);
    expect(readPrivateFile(path, schema)).toEqual({ a: 1 });
  });

  it('is for its owner alone also where it was not before', () => {
    const path = join(temporaryFolder(), 'token.json');
    writeFileSync(path, '{}');
    chmodSync(path, 0o644);
    writePrivateFile(path, { a: 2 });
    expect(modeOf(path)).toBe(0o600);
  });

  it('leaves nothing beside it', () => {
    const folder = temporaryFolder();
    writePrivateFile(join(folder, 'token.json'), { a: 1 });
    expect(readdirSync(folder)).toEqual(['token.json']);
  });

  it.each(['{"a":', '{"a":"x"}'])('counts as absent when it holds %s', (text) => {
    const path = join(temporaryFolder(), 'state.json');
    writeFileSync(path, text);
    expect(readPrivateFile(path, schema)).toBeUndefined();
  });

  it('may be removed twice', () => {
    const path = join(temporaryFolder(), 'token.json');
    writePrivateFile(path, { a: 1 });
    removePrivateFile(path);
    removePrivateFile(path);
    expect(existsSync(path)).toBe(false);
  });

  it('may fail to be written where only a try is asked', () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const path = join(file, 'below', 'token.json');
    expect(() => tryWritePrivateFile(path, { a: 1 })).not.toThrow();
    expect(() => writePrivateFile(path, { a: 1 })).toThrow('ENOTDIR');
  });
});
