import type { Shape } from './body-shape.ts';
import type { AppliedFault } from './fault-rule.ts';
import type { Transaction } from './store.ts';

/** The part of Azure a host name belongs to. */
export type Service = 'arm' | 'vault' | 'entra' | 'logs' | 'ingest';

/** Who calls, as told by a verified token. */
export interface Principal {
  objectId: string;
  clientId: string;
  name: string;
  tenantId: string;
  roles: string[];
}

/** One request on its way through the pipeline. */
export interface Call {
  tx: Transaction;
  service: Service;
  /** The host asked for, lower case. */
  host: string;
  /** Scheme and host, e.g. `https://management.azure.com`. */
  origin: string;
  method: string;
  /** Path as sent, case kept, doubled slashes collapsed. */
  path: string;
  params: Record<string, string>;
  query: URLSearchParams;
  /** Empty when the request carried none. */
  apiVersion: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  /** Parsed JSON, or a parsed form for Entra; undefined when empty or malformed. */
  body: unknown;
  /** The verified token's principal (audience checked per service). */
  principal: Principal | undefined;
  /** Joins the events of one request in the activity log. */
  correlationId: string;
  /** The fault rule that was picked for this request, for what it begins. */
  fault: AppliedFault | undefined;
}

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
  /** A page for a person, instead of a body. */
  html?: string;
}

export interface Route {
  service: Service;
  method: string;
  /**
   * `{name}` takes one segment, `{name*}` one or more, e.g. `{scope*}/providers/Microsoft.Authorization/…`.
   * Literal segments are compared without regard to case.
   */
  path: string;
  /** Accepted versions; absent = any, but the query member must still be there for ARM. */
  apiVersions?: readonly string[];
  /** ARM action needed on the resource of the path; undefined = authenticated only. */
  action?: string;
  /** What the body has to look like where there is one; a misfit is refused before the route is asked. */
  body?: Shape;
  /** Entra and metadata: no token is looked at. */
  anonymous?: true;
  handle(call: Call): Answer | Promise<Answer>;
}

/** The first route that fits, with its path parameters (percent-decoded). */
export function findRoute(
  routes: readonly Route[],
  request: { service: Service; method: string; path: string },
): { route: Route; params: Record<string, string> } | undefined {
  const segments = request.path.split('/').filter((segment) => segment !== '');
  for (const route of routes) {
    if (route.service !== request.service || route.method !== request.method) continue;
    const pattern = route.path.split('/').filter((segment) => segment !== '');
    const params = matchSegments(pattern, segments);
    if (params) return { route, params };
  }
  return undefined;
}

function matchSegments(
  pattern: readonly string[],
  segments: readonly string[],
): Record<string, string> | undefined {
  const [head, ...rest] = pattern;
  if (head === undefined) return segments.length === 0 ? {} : undefined;
  const [segment, ...others] = segments;
  if (segment === undefined) return undefined;
  const many = /^\{(\w+)\*\}$/u.exec(head)?.[1];
  if (many !== undefined) return matchMany(many, rest, segments);
  const one = /^\{(\w+)\}$/u.exec(head)?.[1];
  if (one === undefined && head.toLowerCase() !== segment.toLowerCase()) return undefined;
  const params = matchSegments(rest, others);
  if (!params || one === undefined) return params;
  return { [one]: decode(segment), ...params };
}

/** The longest run of segments that lets the rest of the pattern fit. */
function matchMany(
  name: string,
  rest: readonly string[],
  segments: readonly string[],
): Record<string, string> | undefined {
  for (let taken = segments.length; taken > 0; taken -= 1) {
    const params = matchSegments(rest, segments.slice(taken));
    if (params) return { [name]: segments.slice(0, taken).map(decode).join('/'), ...params };
  }
  return undefined;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
