import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse as Answers, ApiTags } from '@nestjs/swagger';
import { approveBody, operationPath, reasonBody } from '#libs/contracts/http/answers.ts';
import type { ApproveBody, ReasonBody } from '#libs/contracts/http/answers.ts';
import {
  operationList,
  operationQuery,
  operationView,
} from '#libs/contracts/http/operation-views.ts';
import type {
  OperationList,
  OperationQuery,
  OperationView,
} from '#libs/contracts/http/operation-views.ts';
import { Allow, CurrentCaller, CurrentListener, CurrentSender } from '../http/access.ts';
import type { Listener, Sender } from '../http/access.ts';
import type { Caller } from '../http/caller.ts';
import { AnswersEvents, AnswersProblems, NeedsRequestKey } from '../http/documented.ts';
import { sendEvents, untilGone } from '../http/event-stream.ts';
import type { StreamedResponse } from '../http/exchange.ts';
import { OperationEventsService } from './operation-events.service.ts';
import { OperationsService } from './operations.service.ts';

const changed = ['The operation after the answer.', operationView, 200] as const;

@ApiTags('operations')
@AnswersProblems()
@Controller('v1/operations')
export class OperationsController {
  constructor(
    @Inject(OperationsService) private readonly operations: OperationsService,
    @Inject(OperationEventsService) private readonly operationEvents: OperationEventsService,
  ) {}

  @ApiOperation({
    operationId: 'listOperations',
    summary: 'Lists operations; `?state=awaiting-approval` is the list of approvals',
  })
  @Get()
  @Allow('reader')
  @Answers({ status: 200, standardSchema: operationList })
  list(
    @Query({ schema: operationQuery }) query: OperationQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<OperationList> {
    return this.operations.list(query, caller);
  }

  @ApiOperation({
    operationId: 'readOperation',
    summary: 'Reads one operation; it needs no worker',
  })
  @Get(':id')
  @Allow('reader')
  @Answers({ status: 200, standardSchema: operationView })
  read(
    @Param({ schema: operationPath }) { id }: { id: string },
    @CurrentCaller() caller: Caller,
  ): Promise<OperationView> {
    return this.operations.read(id, caller);
  }

  @ApiOperation({
    operationId: 'followOperation',
    summary: 'Sends what happens to one operation, as it happens; it needs no worker',
  })
  @Get(':id/events')
  @Allow('reader')
  @AnswersEvents()
  async events(
    @Param({ schema: operationPath }) { id }: { id: string },
    @CurrentListener() listener: Listener,
    @Res() response: StreamedResponse,
  ): Promise<void> {
    const gone = untilGone(response);
    const events = await this.operationEvents.listen(id, listener, gone);
    // A browser comes back after every end of a stream, unless it is told that there is no more.
    if (events === undefined) response.writeHead(204).end();
    else await sendEvents(response, events);
  }

  @ApiOperation({
    operationId: 'approveOperation',
    summary: 'Says yes to the plan whose hash is named',
  })
  @Post(':id/approve')
  @HttpCode(200)
  @Allow('operator', 'approver')
  @NeedsRequestKey(...changed)
  approve(
    @Param({ schema: operationPath }) { id }: { id: string },
    @Body({ schema: approveBody }) body: ApproveBody,
    @CurrentSender() sender: Sender,
  ): Promise<OperationView> {
    return this.operations.answer({ action: 'approve', id, body, sender });
  }

  @ApiOperation({
    operationId: 'rejectOperation',
    summary: 'Says no to the plan; the operation ends',
  })
  @Post(':id/reject')
  @HttpCode(200)
  @Allow('operator', 'approver')
  @NeedsRequestKey(...changed)
  reject(
    @Param({ schema: operationPath }) { id }: { id: string },
    @Body({ schema: reasonBody }) body: ReasonBody,
    @CurrentSender() sender: Sender,
  ): Promise<OperationView> {
    return this.operations.answer({ action: 'reject', id, body, sender });
  }

  @ApiOperation({
    operationId: 'resumeOperation',
    summary: 'Lets an operation that waits for a person go on',
  })
  @Post(':id/resume')
  @HttpCode(200)
  @Allow('operator')
  @NeedsRequestKey(...changed)
  resume(
    @Param({ schema: operationPath }) { id }: { id: string },
    @Body({ schema: reasonBody }) body: ReasonBody,
    @CurrentSender() sender: Sender,
  ): Promise<OperationView> {
    return this.operations.answer({ action: 'resume', id, body, sender });
  }

  @ApiOperation({
    operationId: 'cancelOperation',
    summary: 'Ends an operation at the next safe place',
  })
  @Post(':id/cancel')
  @HttpCode(200)
  @Allow('operator')
  @NeedsRequestKey(...changed)
  cancel(
    @Param({ schema: operationPath }) { id }: { id: string },
    @Body({ schema: reasonBody }) body: ReasonBody,
    @CurrentSender() sender: Sender,
  ): Promise<OperationView> {
    return this.operations.answer({ action: 'cancel', id, body, sender });
  }
}
