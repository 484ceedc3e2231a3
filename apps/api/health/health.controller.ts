import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Connection, WorkflowClient } from '@temporalio/client';
import { temporalConnection, workflowClient } from '../engine/engine.module.ts';
import { OpenToAll } from '../http/access.ts';
import { Refused } from '../http/refused.ts';

/** A load balancer asks every few seconds and gives up sooner than a person. */
const readyDeadlineMs = 2000;
const retryAfterSeconds = 2;

@ApiTags('health')
@OpenToAll()
@Controller('health')
export class HealthController {
  constructor(
    @Inject(temporalConnection) private readonly connection: Connection,
    @Inject(workflowClient) private readonly client: WorkflowClient,
  ) {}

  @ApiOperation({ operationId: 'readLiveness', summary: 'Whether the process runs' })
  @Get('live')
  live(): { status: 'live' } {
    return { status: 'live' };
  }

  @ApiOperation({
    operationId: 'readReadiness',
    summary: 'Whether requests can be answered: Temporal is reached and knows our namespace',
  })
  @Get('ready')
  async ready(): Promise<{ status: 'ready' }> {
    const { namespace } = this.client.options;
    try {
      await this.connection.withDeadline(Date.now() + readyDeadlineMs, () =>
        this.connection.workflowService.describeNamespace({ namespace }),
      );
    } catch (cause) {
      const reason = `the namespace ${namespace} of the workflow engine does not answer`;
      throw new Refused({ code: 'engine_unavailable', reason }, { retryAfterSeconds, cause });
    }
    return { status: 'ready' };
  }
}
