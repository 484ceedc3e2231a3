import 'reflect-metadata';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server, Socket } from 'node:net';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Logger } from 'nestjs-pino';
import { AppModule } from './app.module.ts';
import type { ApiConfig } from './config.ts';
import { serveOpenApiDocument } from './http/openapi-document.ts';
import { nameRequest } from './http/request-log.ts';
import { ApiMetrics } from './metrics/api-metrics.ts';
import { measureRequests } from './metrics/measure-requests.ts';

/** A thousand workspaces by their resource ids are about 200 kB. */
const bodyLimit = '1mb';

/** The API, ready to listen. */
export async function createApplication(config: ApiConfig): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule.forConfig(config), {
    bodyParser: false,
    bufferLogs: true,
  });
  return equip(app);
}

/**
 * While the process ends, a connection is closed with its answer: a client that keeps its connection and
 * asks on and on would keep the process for ever.
 */
function letGoWhenEnding({ socket }: IncomingMessage, response: ServerResponse, next: () => void) {
  const { server } = socket as Socket & { readonly server?: Server };
  if (server?.listening === false) response.setHeader('connection', 'close');
  next();
}

/** Adds what lies before and beside the routes: log, request ids, counting, the body parser, the document. */
export function equip(app: NestExpressApplication): NestExpressApplication {
  app.useLogger(app.get(Logger));
  app.use(nameRequest);
  app.use(letGoWhenEnding);
  app.use(measureRequests(app.get(ApiMetrics)));
  app.useBodyParser('json', { limit: bodyLimit });
  app.disable('x-powered-by');
  serveOpenApiDocument(app);
  return app;
}
