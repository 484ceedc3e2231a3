import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Params } from 'nestjs-pino';
import { createLogger } from '#libs/telemetry/logger.ts';

/** Settings of the request log: one line per answer with its request id, no header and no body. */
export const requestLog = (level: string): Params => ({
  pinoHttp: {
    logger: createLogger({ service: 'api', level }),
    genReqId: ({ id }) => id,
    autoLogging: { ignore: ({ url }) => url?.startsWith('/health/') === true },
    customLogLevel: (_, { statusCode }) => (statusCode >= 500 ? 'error' : 'info'),
    // The response itself is never handed to the logger, whose search for secrets would walk all of it.
    customSuccessObject: (_, { statusCode }, { responseTime }) => ({ statusCode, responseTime }),
    customErrorObject: (_, { statusCode }) => ({ statusCode }),
    serializers: {
      req: ({ id, method, url }: { id: string; method: string; url: string }) => ({
        id,
        method,
        url,
      }),
    },
  },
});

/**
 * Names the request, before anything can refuse it: the caller's own request id if it is a decent one,
 * else a new one. The answer repeats it.
 */
export function nameRequest(
  request: IncomingMessage,
  response: ServerResponse,
  next: () => void,
): void {
  const given = request.headers['x-request-id'];
  request.id = typeof given === 'string' && /^[\w.:-]{1,128}$/u.test(given) ? given : randomUUID();
  response.setHeader('x-request-id', request.id);
  next();
}
