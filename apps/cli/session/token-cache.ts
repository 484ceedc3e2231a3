import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { readPrivateFile, removePrivateFile, tryWritePrivateFile } from './private-file.ts';

const cached = z.object({ for: z.string(), accessToken: z.string(), expiresAt: z.number() });

/** A token of the identity provider, and when it ends (milliseconds since 1970). */
export interface Token {
  readonly accessToken: string;
  readonly expiresAt: number;
}

/** Keeps the last token between commands, for its owner alone. */
export interface TokenCache {
  /** The token kept for this identity, unless it ends within a minute. */
  read(identity: readonly string[], now: number): Token | undefined;
  write(identity: readonly string[], token: Token): void;
  clear(): void;
}

/** Enough for a slow request to arrive before its token ends. */
const marginMs = 60_000;

/** Whether a request sent now would still arrive with it. */
export const isGood = ({ expiresAt }: Token, now: number): boolean => expiresAt - marginMs > now;

export function openTokenCache(folder: string): TokenCache {
  const path = join(folder, 'token.json');
  return {
    read: (identity, now) => {
      const kept = readPrivateFile(path, cached);
      return kept?.for === nameOf(identity) && isGood(kept, now) ? kept : undefined;
    },
    write: (identity, { accessToken, expiresAt }) =>
      tryWritePrivateFile(path, { for: nameOf(identity), accessToken, expiresAt }),
    clear: () => removePrivateFile(path),
  };
}

const nameOf = (identity: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(identity)).digest('hex');
