import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  engine,
  operation,
  operationId,
  planHash,
  resetEngine,
  startApi,
} from './api-under-test.ts';
import type { ApiUnderTest } from './api-under-test.ts';
import { createOpenApiDocument } from './http/openapi-document.ts';

let api: ApiUnderTest;

beforeAll(async () => {
  api = await startApi();
});
beforeEach(resetEngine);
afterAll(() => api.app.close());

const call: ApiUnderTest['call'] = (route, sent) => api.call(route, sent);

describe('the API', () => {
  it('lives without an engine, but is not ready', async () => {
    expect((await call('GET /health/live', { as: '' })).status).toBe(200);
    const { status, headers, answer } = await call('GET /health/ready', { as: '' });
    expect({ status, code: answer.code }).toEqual({ status: 503, code: 'engine_unavailable' });
    expect(headers.get('retry-after')).toBe('2');
  });

  it('answers an unknown address with a problem', async () => {
    const { status, answer } = await call('GET /v2/nothing');
    expect({ status, code: answer.code }).toEqual({ status: 404, code: 'not_found' });
  });

  it('keeps the text of an unexpected error to itself', async () => {
    engine.cards.set(`operation/${operationId}`, { ...operation, requestedBy: undefined });
    const sent = { key: 'k', body: { planHash } };
    const { status, answer } = await call(`POST /v1/operations/${operationId}/approve`, sent);
    expect({ status, code: answer.code }).toEqual({ status: 500, code: 'internal_error' });
    expect(answer.detail).not.toContain('undefined');
  });

  it('has the committed document; "npm run openapi" writes it anew', () => {
    const committed: unknown = JSON.parse(readFileSync('openapi.json', 'utf8'));
    expect(JSON.parse(JSON.stringify(createOpenApiDocument(api.app)))).toEqual(committed);
  });

  it('serves the document and its page without anything from outside', async () => {
    const { status, answer } = await call('GET /openapi.json', { as: '' });
    expect({ status, version: answer['openapi'] }).toEqual({ status: 200, version: '3.0.0' });
    const page = await (await fetch(`${api.baseUrl}/docs`)).text();
    expect(page).not.toMatch(/(?:src|href)="https?:/u);
  });

  it('lets a connected caller go with its answer while it ends', async () => {
    const { app } = await startApi();
    const server: Server = app.getHttpServer();
    const arrived = once(server, 'connection');
    const caller = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [connection] = (await arrived) as [Socket];
    const begun = 'GET /health/live HTTP/1.1\r\nHost: api\r\n';
    caller.write(begun);
    await vi.waitFor(() => expect(connection.bytesRead).toBe(begun.length));
    const ended = app.close();
    await vi.waitFor(() => expect(server.listening).toBe(false));
    caller.write('\r\n');
    expect(await text(caller)).toMatch(/^HTTP\/1\.1 200 OK[^]*\r\nconnection: close\r\n/iu);
    await ended;
  });
});
