import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
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
});
