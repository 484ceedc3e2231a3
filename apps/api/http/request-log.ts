import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Params } from 'nestjs-pino';
import { createLogger } from '#libs/telemetry/logger.ts';

/** Settings of the request log: one line per answer with its request id, no header and no body. */
export const requestLog = (level: string): Params => ({
  pinoHttp: {
    logger: createLogger({ service: 'api', level }),
    genReqId: requestIdOf,
    autoLogging: { ignore: ({ url }) => url?.startsWith('/health/') === true },
    customLogLevel: (_, { statusCode }) => (statusCode >= 500 ? 'error' : 'info'),
    serializers: {
      req: ({ id, method, url }: { id: string; method: string; url: string }) => ({
        id,
        method,
        url,
      }),
      res: ({ statusCode }: { statusCode: number }) => ({ statusCode }),
    },
  },
});

/** The caller's own request id if it is a decent one, else a new one; the answer repeats it. */
function requestIdOf(request: IncomingMessage, response: ServerResponse): string {
  const given = request.headers['x-request-id'];
  const id = typeof given === 'string' && /^[\w.:-]{1,128}$/u.test(given) ? given : randomUUID();
  response.setHeader('x-request-id', id);
  return id;
}
