import { Controller, Get, Header, Inject } from '@nestjs/common';
import { ApiOperation, ApiResponse as Answers, ApiTags } from '@nestjs/swagger';
import { Registry } from 'prom-client';
import { Allow } from '../http/access.ts';
import { AnswersProblems } from '../http/documented.ts';
import { ApiMetrics } from './api-metrics.ts';

@ApiTags('metrics')
@AnswersProblems()
@Controller('metrics')
export class MetricsController {
  constructor(@Inject(ApiMetrics) private readonly metrics: ApiMetrics) {}

  @ApiOperation({
    operationId: 'readMetrics',
    summary: 'What the API counts, for Prometheus, whose OAuth 2 settings bring a token',
  })
  @Get()
  @Allow('reader')
  @Header('content-type', Registry.PROMETHEUS_CONTENT_TYPE)
  @Answers({
    status: 200,
    description: 'In the text format of Prometheus.',
    content: { 'text/plain': { schema: { type: 'string' } } },
  })
  read(): Promise<string> {
    return this.metrics.registry.metrics();
  }
}
