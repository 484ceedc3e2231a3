import { join } from 'node:path';
import { z } from 'zod';
import { readPrivateFile, tryWritePrivateFile } from './private-file.ts';

const state = z.object({
  /** The operation that was started last, by the address of its API. */
  last: z.record(z.string(), z.string()).default({}),
  /** Keys chosen by `--again`, by the hash of the request they stand for. */
  keys: z.record(z.string(), z.string()).default({}),
});

/** What the command line remembers between commands. */
export interface Memory {
  lastOperation(api: string): string | undefined;
  rememberOperation(api: string, operationId: string): void;
  keyFor(requestHash: string): string | undefined;
  rememberKey(requestHash: string, key: string): void;
}

/** Older keys belong to requests nobody repeats any more. */
const keptKeys = 100;

export function openMemory(folder: string): Memory {
  const path = join(folder, 'state.json');
  const read = () => readPrivateFile(path, state) ?? { last: {}, keys: {} };
  return {
    lastOperation: (api) => read().last[api],
    rememberOperation: (api, operationId) => {
      const known = read();
      tryWritePrivateFile(path, { ...known, last: { ...known.last, [api]: operationId } });
    },
    keyFor: (hash) => read().keys[hash],
    rememberKey: (hash, key) => {
      const known = read();
      const others = Object.entries(known.keys).filter(([name]) => name !== hash);
      const kept = others.slice(1 - keptKeys);
      tryWritePrivateFile(path, { ...known, keys: { ...Object.fromEntries(kept), [hash]: key } });
    },
  };
}
