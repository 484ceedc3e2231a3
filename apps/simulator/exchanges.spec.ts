import { mkdtempSync, rmSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ExchangeLog } from './exchanges.ts';
import type { Exchange } from './exchanges.ts';

const folder = mkdtempSync(join(tmpdir(), 'simulator-exchanges-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

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
