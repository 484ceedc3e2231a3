import { activityOrigin, recordActivity, recordAnswer } from './arm/activity-log.ts';
import type { RateLimiter } from './arm/rate-limit.ts';
import { requireSubscription, subscriptionIdOf } from './arm/scopes.ts';
import { authorize } from './authorization.ts';
import { AzureFault } from './azure-fault.ts';
import { misfit } from './body-shape.ts';
import type { Clock } from './clock.ts';
import { settle } from './effects.ts';
import { identify } from './entra/tokens.ts';
import type { Identification } from './entra/tokens.ts';
import type { AppliedFault } from './fault-rule.ts';
import { hasFaults, mayBeStale, pickFault } from './faults.ts';
import { namedFault } from './named-faults.ts';
import { answerOfThePast, keepPast } from './past-answers.ts';
import type { VaultLimiter } from './key-vault/vault-limits.ts';
import { findRoute } from './route.ts';
import type { Answer, Call, Principal, Route, Service } from './route.ts';
import { mannerOf } from './services.ts';
import type { Store, Transaction } from './store.ts';
import type { Turns } from './turns.ts';
import { parseBody } from './wire.ts';
import type { Wire } from './wire.ts';

/** What the pipeline works on. */
export interface World {
  readonly store: Store;
  readonly clock: Clock;
  readonly turns: Turns;
  readonly limiter: RateLimiter;
  readonly vaultLimiter: VaultLimiter;
  readonly routes: readonly Route[];
}

/** What came of a request, before it is put on the wire. */
export interface Outcome {
  readonly answer: Answer | AzureFault;
  readonly principal: Principal | undefined;
  readonly at: number;
  readonly effects: readonly string[];
  readonly unimplemented: boolean;
}

/** What is known of a request before it is let in. */
export interface Arrival {
  readonly principal: Principal | undefined;
  readonly fault: AppliedFault | undefined;
  readonly at: number;
}

const writes: readonly string[] = ['PUT', 'PATCH', 'POST', 'DELETE'];

/** Clock, settling, and the fault rules: everything that happens before a request is looked at. */
export async function arrive(world: World, wire: Wire, service: Service): Promise<Arrival> {
  const { store, clock } = world;
  return await world.turns(async () => {
    await clock.observe(wire.headers['x-simulated-time']);
    const at = clock.now();
    await settle(store, at);
    const { host, method, target } = wire;
    const named = namedFault({ host, method, target });
    if (!hasFaults(store)) return { principal: undefined, fault: named, at };
    const { result } = await store.transact(at, async (tx) => {
      const principal = principalOf(await identify(tx, service, wire.headers['authorization']));
      const clientRequestId = wire.headers['x-ms-client-request-id'];
      const subject = { host, method, target, principal, clientRequestId };
      return { principal, fault: pickFault(tx, subject) ?? named, at };
    });
    return result;
  });
}

/** Authenticate → route → api-version → authorize → handle, as one transaction: all of it or nothing. */
export async function answer(
  world: World,
  wire: Wire,
  to: { service: Service; fault: AppliedFault | undefined },
): Promise<Outcome> {
  return await world.turns(async () => {
    const at = world.clock.now();
    await settle(world.store, at);
    const seen: Seen = { principal: undefined, call: undefined, route: undefined, missing: false };
    try {
      const { result, notes } = await world.store.transact(at, (tx) =>
        handle({ world, wire, ...to, tx, seen }),
      );
      return outcome({ answer: result, at, seen, effects: notes });
    } catch (error) {
      const fault = asFault(error, wire);
      await recordRefusal(world, { seen, fault, at });
      return outcome({ answer: fault, at, seen, effects: [] });
    }
  });
}

/** What was found out about a request, kept for the logs even when it is refused. */
interface Seen {
  principal: Principal | undefined;
  call: Call | undefined;
  route: Route | undefined;
  missing: boolean;
}

async function handle(request: {
  world: World;
  wire: Wire;
  service: Service;
  fault: AppliedFault | undefined;
  tx: Transaction;
  seen: Seen;
}): Promise<Answer> {
  const { world, wire, service, fault, tx, seen } = request;
  if (wire.oversized) throw tooLarge();
  const found = findRoute(world.routes, { service, method: wire.method, path: wire.path });
  seen.missing = found === undefined;
  if (!found?.route.anonymous) {
    const identification = await identify(tx, service, wire.headers['authorization']);
    if ('problem' in identification) throw mannerOf(service).unauthorized(identification.problem);
    seen.principal = identification.principal;
  }
  const apiVersion = wire.query.get('api-version') ?? '';
  if (!found) throw noRoute(service, wire, apiVersion);
  const call: Call = {
    tx,
    service,
    host: wire.host,
    origin: wire.origin ?? `https://${wire.host}`,
    method: wire.method,
    path: wire.path,
    params: found.params,
    query: wire.query,
    apiVersion,
    headers: wire.headers,
    body: parseBody(wire),
    principal: seen.principal,
    correlationId: wire.correlationId,
    fault,
  };
  seen.call = call;
  seen.route = found.route;
  checkApiVersion(found.route, call);
  const limits = service === 'arm' ? admitToArm(world, found.route, call) : {};
  if (service === 'vault') world.vaultLimiter.admit(call);
  checkBody(found.route, call);
  const writing = service === 'arm' && writes.includes(call.method);
  if (writing && mayBeStale(tx)) await keepPast(world.routes, call);
  const given = answerOfThePast(call) ?? (await found.route.handle(call));
  if (service === 'arm') recordWrite(found.route, call, given);
  return { ...given, headers: { ...limits, ...headersLeft(given, fault) } };
}

const followingHeaders: readonly string[] = ['azure-asyncoperation', 'location', 'retry-after'];

/** What a fault leaves of an answer's headers. */
function headersLeft(given: Answer, fault: AppliedFault | undefined): Record<string, string> {
  const headers = given.headers ?? {};
  if (fault?.action.kind !== 'no-headers') return headers;
  const gone = (fault.action.headers ?? followingHeaders).map((name) => name.toLowerCase());
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !gone.includes(name)));
}

/** A member of another kind than the provider reads is refused before it is asked (azure-docs, ARM errors). */
function checkBody({ body: shape }: Route, call: Call): void {
  if (shape === undefined || call.body === undefined) return;
  const path = misfit(call.body, shape);
  if (path === undefined) return;
  throw new AzureFault(400, {
    code: 'InvalidRequestContent',
    message: `The request content was invalid and could not be deserialized: 'Error converting the value at path '${path}'.'.`,
  });
}

/** ARM insists on a version for every request; a provider names the versions it knows (azure-docs, ARM errors). */
function checkApiVersion(route: Route, call: Call): void {
  const required = call.service === 'arm' || route.apiVersions !== undefined;
  if (!required) return;
  if (call.apiVersion === '') {
    throw new AzureFault(400, {
      code: 'MissingApiVersionParameter',
      message: 'The api-version query parameter (?api-version=) is required for all requests.',
    });
  }
  if (route.apiVersions && !route.apiVersions.includes(call.apiVersion)) {
    const supported = route.apiVersions.join(', ');
    throw new AzureFault(400, {
      code: call.service === 'arm' ? 'NoRegisteredProviderFound' : 'BadParameter',
      message: `No registered resource provider found for API version '${call.apiVersion}' of this type. The supported api-versions are '${supported}'.`,
    });
  }
}

/** Subscription, right and rate of an ARM request; returns the rate-limit headers of its answer. */
function admitToArm(world: World, route: Route, call: Call): Record<string, string> {
  if (route.anonymous) return {};
  requireSubscription(call);
  const { headers, retryAfterSeconds } = world.limiter.take({
    method: call.method,
    subscriptionId: subscriptionIdOf(call.path),
    objectId: call.principal?.objectId ?? '',
    now: call.tx.now,
  });
  if (retryAfterSeconds !== undefined) {
    throw new AzureFault(
      429,
      {
        code: 'SubscriptionRequestsThrottled',
        message: `Number of requests for subscription '${subscriptionIdOf(call.path) ?? ''}' and operation '${call.method}' exceeded the backend storage limit. Please try again after '${retryAfterSeconds}' seconds.`,
      },
      { headers: { ...headers, 'retry-after': String(retryAfterSeconds) } },
    );
  }
  if (route.action !== undefined) requireAction(call, { action: route.action, scope: call.path });
  return headers;
}

/** Throws 403 AuthorizationFailed unless the caller may do this on that resource. */
function requireAction(call: Call, wanted: { action: string; scope: string }): void {
  const { objectId, clientId } = call.principal as Principal;
  const decision = authorize(call.tx, {
    principalId: objectId,
    action: wanted.action,
    resource: wanted.scope,
    kind: 'action',
  });
  if (decision.allowed) return;
  throw new AzureFault(403, {
    code: 'AuthorizationFailed',
    message: `The client '${clientId}' with object id '${objectId}' does not have authorization to perform action '${wanted.action}' over scope '${wanted.scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  });
}

function recordWrite(route: Route, call: Call, given: Answer): void {
  if (route.action === undefined || !writes.includes(call.method)) return;
  if (given.status === 204) return;
  recordAnswer(call.tx, activityOrigin(call, route.action), given);
}

/** A refused write is in the activity log too, under a transaction of its own. */
async function recordRefusal(
  world: World,
  refusal: { seen: Seen; fault: AzureFault; at: number },
): Promise<void> {
  const { seen, fault, at } = refusal;
  const { call, route } = seen;
  if (call?.service !== 'arm' || route?.action === undefined) return;
  if (!writes.includes(call.method) || [401, 429].includes(fault.status)) return;
  const origin = activityOrigin(call, route.action);
  const properties = { statusCode: String(fault.status), statusMessage: fault.message };
  await world.store.transact(at, (tx) => {
    recordActivity(tx, origin, { status: 'Failed', subStatus: fault.code, properties });
  });
}

/** Refused before anybody asks who sent it (ARM limits page). */
function tooLarge(): AzureFault {
  return new AzureFault(413, {
    code: 'RequestContentTooLarge',
    message: 'The request content size exceeds the maximum size of 4 MB.',
  });
}

function noRoute(service: Service, wire: Wire, apiVersion: string): AzureFault {
  const type = /\/providers\/(?<namespace>[^/]+)\/(?<type>[^/]+)/iu.exec(wire.path)?.groups;
  if (service === 'arm' && type) {
    return new AzureFault(404, {
      code: 'InvalidResourceType',
      message: `The resource type '${type['type']}' could not be found in the namespace '${type['namespace']}' for api version '${apiVersion}'.`,
    });
  }
  return new AzureFault(404, {
    code: 'NotFound',
    message: `No route fits ${wire.method} ${wire.path}.`,
  });
}

/** Anything but a refusal is a mistake of the simulator: Azure's 500, and the truth on stderr. */
function asFault(error: unknown, wire: Wire): AzureFault {
  if (error instanceof AzureFault) return error;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`answering ${wire.method} ${wire.path}: ${text}\n`);
  return new AzureFault(500, {
    code: 'InternalServerError',
    message: 'Encountered internal server error.',
  });
}

function principalOf(identification: Identification): Principal | undefined {
  return 'principal' in identification ? identification.principal : undefined;
}

function outcome(parts: {
  answer: Answer | AzureFault;
  at: number;
  seen: Seen;
  effects: readonly string[];
}): Outcome {
  const { seen, ...rest } = parts;
  return { ...rest, principal: seen.principal, unimplemented: seen.missing };
}
