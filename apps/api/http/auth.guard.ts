import { Inject, Injectable } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { allowedRoles, openToAll } from './access.ts';
import type { Role } from './caller.ts';
import { requireRole } from './caller.ts';
import type { ApiRequest } from './exchange.ts';
import { Refused } from './refused.ts';
import type { TokenVerifier } from './token-verifier.ts';

/** Injection name of the token verifier. */
export const tokenVerifier = 'keyturn:token-verifier';

/** Lets a request through when its token is good and holds a role of the route. Fails closed. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(tokenVerifier) private readonly verify: TokenVerifier,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(openToAll, targets)) return true;
    const request = context.switchToHttp().getRequest<ApiRequest>();
    const caller = await this.verify(bearerToken(request));
    const roles = this.reflector.getAllAndOverride<readonly Role[] | undefined>(
      allowedRoles,
      targets,
    );
    requireRole(caller, roles ?? ['admin']);
    request.caller = caller;
    return true;
  }
}

function bearerToken(request: ApiRequest): string {
  const { authorization } = request.headers;
  const match = /^Bearer +([\w.~+/=-]+)$/iu.exec(String(authorization ?? ''));
  if (match?.[1] === undefined) {
    throw new Refused({ code: 'unauthenticated', reason: 'the request carries no bearer token' });
  }
  return match[1];
}
