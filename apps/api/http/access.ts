import { SetMetadata, createParamDecorator } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import type { Caller, Role } from './caller.ts';
import { readLastEventId } from './event-stream.ts';
import type { ApiRequest } from './exchange.ts';
import { readRequestKey } from './request-key.ts';
import type { RequestKey } from './request-key.ts';

/** Names of metadata that the guard reads. */
export const allowedRoles = 'keyturn:roles';
export const openToAll = 'keyturn:open';

/** Who may call a route: holders of one of the roles, somewhere; services check where. */
export const Allow = (...roles: readonly Role[]) => SetMetadata(allowedRoles, roles);

/** A route that tells nothing about customers: health only. */
export const OpenToAll = () => SetMetadata(openToAll, true);

/** Who sent a request that changes something, and what makes it the same request again. */
export interface Sender {
  readonly caller: Caller;
  readonly requestKey: RequestKey;
}

/** The caller of this request, as the guard found it. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext) =>
  callerOf(requestIn(context)),
);

/** The sender of this request; throws `idempotency_key_missing`. */
export const CurrentSender = createParamDecorator(
  (_: unknown, context: ExecutionContext): Sender => {
    const request = requestIn(context);
    return { caller: callerOf(request), requestKey: readRequestKey(request) };
  },
);

/** Who follows a stream of events, and from where on. */
export interface Listener {
  readonly caller: Caller;
  /** Number of the last event seen; 0 for none. */
  readonly after: number;
}

/** The listener of this request; throws `invalid_request`. */
export const CurrentListener = createParamDecorator(
  (_: unknown, context: ExecutionContext): Listener => {
    const request = requestIn(context);
    return { caller: callerOf(request), after: readLastEventId(request) };
  },
);

const requestIn = (context: ExecutionContext): ApiRequest =>
  context.switchToHttp().getRequest<ApiRequest>();

function callerOf({ caller }: ApiRequest): Caller {
  if (caller === undefined) throw new Error('reading the caller: the route has no guard');
  return caller;
}
