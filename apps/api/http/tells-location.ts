import { Injectable } from '@nestjs/common';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { tap } from 'rxjs';
import type { Observable } from 'rxjs';
import type { TicketView } from '#libs/contracts/http/answers.ts';
import type { ApiResponse } from './exchange.ts';

/** Puts the place of what was ordered into the Location header, where HTTP wants it. */
@Injectable()
export class TellsLocation implements NestInterceptor<TicketView, TicketView> {
  intercept(context: ExecutionContext, next: CallHandler<TicketView>): Observable<TicketView> {
    const response = context.switchToHttp().getResponse<ApiResponse>();
    return next.handle().pipe(tap(({ location }) => response.setHeader('location', location)));
  }
}
