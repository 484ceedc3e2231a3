import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ExchangeLog } from './exchanges.ts';
import type { Exchange } from './exchanges.ts';

const folder = mkdtempSync(join(tmpdir(), 'simulator-exchanges-'));
beforeEach(() => mkdirSync(folder, { recursive: true }));
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const exchange: Exchange = {
  method: 'GET',
  url: 'https://management.azure.com/',
  requestHeaders: {},
  requestBody: '',
  status: 200,
  responseHeaders: {},
  responseBody: '',
  principal: null,
  at: '2026-01-01T00:00:00.000Z',
  effects: [],
  fault: null,
};

test('a reading ends where the log ended when it was asked for, at the beginning too', async () => {
  const log = new ExchangeLog(join(folder, 'exchanges.jsonl'));
  const empty = log.read();
  log.append(exchange);
  const one = log.read();
  log.append(exchange);
  expect(await text(empty)).toBe('');
  expect(JSON.parse(await text(one))).toEqual(exchange);
  log.close();
});

test('a line that a crash cut short is removed, with a warning, and writing goes on after it', async () => {
  const path = join(folder, 'exchanges.jsonl');
  const first = new ExchangeLog(path);
  first.append(exchange);
  first.close();
  appendFileSync(path, `{"method":"PUT","url":"${'x'.repeat(200_000)}`);
  const warning = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const second = new ExchangeLog(path);
  expect(warning).toHaveBeenCalledWith(expect.stringMatching(/cut 200023 bytes/u));
  second.append(exchange);
  const lines = (await text(second.read())).trim().split('\n');
  expect(lines.map((line) => JSON.parse(line) as Exchange)).toEqual([exchange, exchange]);
  second.close();
});
