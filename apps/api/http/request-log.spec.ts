import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Controller, Get, Header, Logger, Post } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { LoggerModule, Logger as RequestLogger } from 'nestjs-pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { nameRequest, requestLog } from './request-log.ts';

const operationId = '7c6c66fb-0279-5b3a-8d51-ba076100138b';

@Controller('v1')
class SampleController {
  @Post('clusters')
  @Header('location', `/v1/operations/${operationId}`)
  order(): string {
    return 'ordered';
  }

  @Get('operations/:id')
  read(): string {
    new Logger('Sample').warn('looking');
    return 'read';
  }
}

const lines: Record<string, unknown>[] = [];
let app: NestExpressApplication;
let baseUrl: string;

beforeAll(async () => {
  const write = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>);
  const module = await Test.createTestingModule({
    imports: [LoggerModule.forRoot(requestLog('info', { write }))],
    controllers: [SampleController],
  }).compile();
  app = module.createNestApplication<NestExpressApplication>();
  app.useLogger(app.get(RequestLogger));
  app.use(nameRequest);
  await app.listen(0, '127.0.0.1');
  baseUrl = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
});
beforeEach(() => {
  lines.length = 0;
});
afterAll(() => app.close());

async function logged(count: number): Promise<readonly Record<string, unknown>[]> {
  await vi.waitFor(() => expect(lines).toHaveLength(count));
  return lines;
}

describe('the log of requests', () => {
  it('names request and operation on every line, and tells the id to the caller', async () => {
    const headers = { 'x-request-id': 'mine-1' };
    const response = await fetch(`${baseUrl}/v1/operations/${operationId}`, { headers });
    expect(response.headers.get('x-request-id')).toBe('mine-1');
    const [within, answer] = await logged(2);
    expect(within).toMatchObject({ requestId: 'mine-1', operationId, msg: 'looking' });
    expect(answer).toMatchObject({
      requestId: 'mine-1',
      operationId,
      method: 'GET',
      url: `/v1/operations/${operationId}`,
      statusCode: 200,
    });
    expect(answer).not.toHaveProperty('req');
  });

  it('names the operation that an order has made', async () => {
    await fetch(`${baseUrl}/v1/clusters`, { method: 'POST' });
    const [answer] = await logged(1);
    expect(answer).toMatchObject({
      operationId,
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/u),
    });
  });

  it('makes an id of its own for one that would not do', async () => {
    const headers = { 'x-request-id': 'two words' };
    const response = await fetch(`${baseUrl}/v1/operations/none`, { headers });
    const [within] = await logged(2);
    expect(within?.['requestId']).toBe(response.headers.get('x-request-id'));
    expect(within?.['requestId']).not.toBe('two words');
    expect(within).not.toHaveProperty('operationId');
  });
});
