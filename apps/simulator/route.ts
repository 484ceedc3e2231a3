import type { Shape } from './body-shape.ts';
import type { AppliedFault } from './fault-rule.ts';
import type { Transaction } from './store.ts';

/** The part of Azure a host name belongs to. */
export type Service = 'arm' | 'vault' | 'entra' | 'logs' | 'ingest' | 'graph';

/** Who calls, as told by a verified token. */
export interface Principal {
  objectId: string;
  clientId: string;
  name: string;
  tenantId: string;
  roles: string[];
  /** Set where the token is that of somebody who signed in. */
  isPerson?: true;
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
  const asked = { segments, lower: segments.map((segment) => segment.toLowerCase()) };
  for (const route of routes) {
    if (route.service !== request.service || route.method !== request.method) continue;
    const params = match(asked, { pattern: patternOf(route), next: 0, from: 0 });
    if (params) return { route, params };
  }
  return undefined;
}

/** One segment of a route's path: a parameter's name, or the text, in lower case, that it has to be. */
interface PatternSegment {
  readonly takes: 'text' | 'one' | 'many';
  readonly name: string;
}

/** Paths are taken apart once, since every request is held against many of them. */
const patterns = new WeakMap<Route, readonly PatternSegment[]>();

function patternOf(route: Route): readonly PatternSegment[] {
  const known = patterns.get(route);
  if (known) return known;
  const segments = route.path.split('/').filter((segment) => segment !== '');
  const pattern = segments.map((segment): PatternSegment => {
    const [, name, many] = /^\{(\w+)(\*?)\}$/u.exec(segment) ?? [];
    if (name === undefined) return { takes: 'text', name: segment.toLowerCase() };
    return { takes: many === '*' ? 'many' : 'one', name };
  });
  patterns.set(route, pattern);
  return pattern;
}

interface Asked {
  readonly segments: readonly string[];
  readonly lower: readonly string[];
}

/** How far a comparison has come, in the pattern and in what was asked for. */
interface Position {
  readonly pattern: readonly PatternSegment[];
  readonly next: number;
  readonly from: number;
}

function match(
  asked: Asked,
  { pattern, next, from }: Position,
): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  let at = from;
  for (let index = next; index < pattern.length; index += 1) {
    const { takes, name } = pattern[index] as PatternSegment;
    if (takes === 'many') {
      const rest = matchMany(asked, name, { pattern, next: index + 1, from: at });
      return rest && { ...params, ...rest };
    }
    const segment = asked.segments[at];
    if (segment === undefined || (takes === 'text' && asked.lower[at] !== name)) return undefined;
    if (takes === 'one') params[name] = decode(segment);
    at += 1;
  }
  return at === asked.segments.length ? params : undefined;
}

/** The longest run of segments that lets the rest of the pattern fit. */
function matchMany(
  asked: Asked,
  name: string,
  { pattern, next, from }: Position,
): Record<string, string> | undefined {
  for (let end = asked.segments.length; end > from; end -= 1) {
    const params = match(asked, { pattern, next, from: end });
    const taken = () => asked.segments.slice(from, end).map(decode).join('/');
    if (params) return { [name]: taken(), ...params };
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
