import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Params } from 'nestjs-pino';
import type { DestinationStream } from 'pino';
import { createLogger } from '#libs/telemetry/logger.ts';

/**
 * Settings of the request log: one line per answer, no header and no body. Whatever is logged while a request
 * is answered carries its id, and that of the operation it is about.
 */
export const requestLog = (level: string, destination?: DestinationStream): Params => ({
  pinoHttp: {
    logger: createLogger({ service: 'api', level, ...(destination && { destination }) }),
    genReqId: ({ id }) => id,
    // Lines within a request carry ids alone; method and address stand on the line of its answer.
    serializers: { req: () => undefined },
    customProps: ({ id: requestId, url }) => ({ requestId, ...operationIn(url) }),
    autoLogging: { ignore: ({ url }) => url?.startsWith('/health/') === true },
    customLogLevel: (_, { statusCode }) => (statusCode >= 500 ? 'error' : 'info'),
    // The response itself is never handed to the logger, whose search for secrets would walk all of it.
    customSuccessObject: ({ method, url }, response, { responseTime }) => ({
      method,
      url,
      statusCode: response.statusCode,
      responseTime,
      // The answer to an order names the operation that it made.
      ...operationIn(response.getHeader('location')),
    }),
    customErrorObject: ({ method, url }, { statusCode }) => ({ method, url, statusCode }),
  },
});

/** The operation that an address is about. */
function operationIn(address: unknown): { operationId?: string } {
  const id = /^\/v1\/operations\/(?<id>[0-9a-f-]{36})(?:[/?]|$)/u.exec(String(address))?.groups?.[
    'id'
  ];
  return id === undefined ? {} : { operationId: id };
}

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
