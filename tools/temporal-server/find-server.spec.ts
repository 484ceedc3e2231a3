import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findOwnServer, findSchemaTool, findServer } from './find-server.ts';
import type { Search } from './find-server.ts';

describe('finding a Temporal server', () => {
  let folder: string;
  let told: string[];
  let search: Search;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'keyturn-find-'));
    told = [];
    const path = join(folder, 'bin');
    search = {
      config: { path, environment: { PATH: `${path}:/usr/bin:/bin` } },
      cacheFolder: join(folder, 'cache'),
      tell: (message) => void told.push(message),
    };
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function install(place: 'bin' | 'cache', name: string, script: string): string {
    mkdirSync(join(folder, place), { recursive: true });
    const path = join(folder, place, name);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  it("prefers the user's own temporal", async () => {
    const path = install('bin', 'temporal', 'echo "temporal version 1.9.2 (Server 1.32.1)"');
    install('cache', 'server', 'echo "temporal version 1.32.1"');
    expect(await findServer(search)).toEqual({ kind: 'cli', path });
  });

  it('leaves a temporal aside that is too old, and says so', async () => {
    const old = install('bin', 'temporal', 'echo "temporal version 1.6.0 (Server 1.30.0)"');
    const path = install('cache', 'server', 'echo "temporal version 1.32.1"');
    expect(await findServer(search)).toEqual({ kind: 'server', path });
    expect(told).toEqual([`Leaving ${old} aside: it is version 1.6.0, and 1.9 or later is needed`]);
  });

  it('takes the server that was built before', async () => {
    const path = install('cache', 'server', 'echo "temporal version 1.32.1"');
    expect(await findOwnServer(search)).toEqual({ kind: 'server', path });
    expect(told).toEqual([]);
  });

  it.each(['', 'echo "temporal version 1.31.0"'])(
    'builds it by Go when it has "%s"',
    async (has) => {
      if (has !== '') install('cache', 'server', has);
      install('bin', 'go', `echo "$GOBIN $CGO_ENABLED $*" > "${folder}/asked"`);
      await findOwnServer(search);
      expect(readFileSync(join(folder, 'asked'), 'utf8')).toBe(
        `${folder}/cache 0 install -trimpath -ldflags -s -w go.temporal.io/server/cmd/server@v1.32.1\n`,
      );
      expect(told[0]).toContain('Building the Temporal server 1.32.1 with Go, once');
    },
  );

  it('builds the tool for a schema on PostgreSQL likewise', async () => {
    install('bin', 'go', `echo "$GOBIN $*" > "${folder}/asked"`);
    expect(await findSchemaTool(search)).toBe(join(folder, 'cache', 'sql'));
    expect(readFileSync(join(folder, 'asked'), 'utf8')).toBe(
      `${folder}/cache install -trimpath -ldflags -s -w go.temporal.io/server/cmd/tools/sql@v1.32.1\n`,
    );
  });

  it('says what is missing and the remedy when there is nothing', async () => {
    await expect(findServer(search)).rejects.toThrow(
      'No Temporal server: install Go 1.26.8 or later, or put `temporal` 1.9 or later on the PATH, or set TEMPORAL_ADDRESS.',
    );
  });

  it('repeats what Go said when building fails', async () => {
    install('bin', 'go', 'echo "go: requires go >= 1.26.8" >&2; exit 1');
    await expect(findOwnServer(search)).rejects.toThrow('it said: go: requires go >= 1.26.8');
  });
});
