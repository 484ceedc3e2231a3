import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { z } from 'zod';

/**
 * Reads a file that only this program writes. Undefined when it is absent or does not hold what it
 * should: what is kept there can always be made again.
 */
export function readPrivateFile<S extends z.ZodType>(
  path: string,
  schema: S,
): z.output<S> | undefined {
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Writes a file for its owner alone (mode 0600), whole or not at all. */
export function writePrivateFile(path: string, content: object): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // A new file each time, since an existing one would keep its mode.
  const fresh = `${path}.${process.pid}`;
  rmSync(fresh, { force: true });
  writeFileSync(fresh, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  renameSync(fresh, path);
}

/** The same for what may as well be lost: a home that cannot be written to is no reason to stop. */
export function tryWritePrivateFile(path: string, content: object): void {
  try {
    writePrivateFile(path, content);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}

/** Removes it; absent is as good. */
export const removePrivateFile = (path: string): void => rmSync(path, { force: true });
