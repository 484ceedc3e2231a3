import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claimDataFolder } from './data-folder.ts';

describe('claimDataFolder', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'keyturn-data-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('refuses a folder that a living process holds', () => {
    claimDataFolder(folder);
    expect(() => claimDataFolder(folder)).toThrow(
      `Another stack (process ${process.pid}) uses ${folder}: stop it, or choose another folder with --data.`,
    );
  });

  it('gives a folder again that was given back', () => {
    claimDataFolder(folder)();
    expect(() => claimDataFolder(folder)).not.toThrow();
  });

  it('takes no notice of a process that is gone', () => {
    const { pid } = spawnSync('true');
    writeFileSync(join(folder, 'stack.pid'), String(pid));
    expect(() => claimDataFolder(folder)).not.toThrow();
  });

  it('makes the folder', () => {
    expect(() => claimDataFolder(join(folder, 'new', 'deep'))).not.toThrow();
  });
});
