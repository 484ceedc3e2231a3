import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';

const CHUNK = 65_536;
const NEWLINE = 0x0a;

/**
 * Removes what a crash left of a last line that it cut short, with a warning on stderr. A file of lines that cannot be
 * read back would hide everything after it. Nothing is done where there is no such file.
 */
export function cutTornTail(path: string): void {
  const file = openSync(path, 'a+');
  try {
    const { size } = fstatSync(file);
    const end = endOfLastLine(file, size);
    if (end === size) return;
    process.stderr.write(`reading ${path}: cut ${size - end} bytes of an unfinished last line\n`);
    ftruncateSync(file, end);
  } finally {
    closeSync(file);
  }
}

/** The position behind the last line end; the file is looked at from its end. */
function endOfLastLine(file: number, size: number): number {
  const chunk = Buffer.alloc(CHUNK);
  for (let end = size; end > 0; end -= CHUNK) {
    const start = Math.max(0, end - CHUNK);
    const read = readSync(file, chunk, 0, end - start, start);
    const found = chunk.subarray(0, read).lastIndexOf(NEWLINE);
    if (found >= 0) return start + found + 1;
  }
  return 0;
}
