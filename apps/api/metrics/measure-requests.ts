import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApiMetrics } from './api-metrics.ts';

/** Once the platform has found it, a request knows the template of its route. */
type RoutedRequest = IncomingMessage & { readonly route?: { readonly path?: unknown } };

/** Counts every request when its answer is over, also one that was refused or given up. */
export const measureRequests =
  (metrics: ApiMetrics) =>
  (request: RoutedRequest, response: ServerResponse, next: () => void): void => {
    const beganAt = performance.now();
    response.once('close', () => {
      const route = templateOf(request);
      const { method = '' } = request;
      const took = (performance.now() - beganAt) / 1000;
      metrics.answered({ method, route }, response.statusCode, took);
    });
    next();
  };

/** An address that no route has is anybody's text, and must not become a label. */
function templateOf({ route }: RoutedRequest): string {
  const path = route?.path;
  // The platform's own last resort is a route with a wildcard.
  return typeof path === 'string' && !path.includes('*') ? path : 'none';
}
