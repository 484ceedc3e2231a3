import { renameSync, writeFileSync } from 'node:fs';

/** Writes a file that is there whole or not at all, whenever the process is killed. */
export function replaceFile(path: string, text: string, options: { mode?: number } = {}): void {
  const beside = `${path}.new`;
  writeFileSync(beside, text, options);
  renameSync(beside, path);
}
