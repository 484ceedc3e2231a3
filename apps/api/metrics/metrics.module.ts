import { Global, Module } from '@nestjs/common';
import { ApiMetrics } from './api-metrics.ts';
import { MetricsController } from './metrics.controller.ts';

/** What the process counts, and where it is read. */
@Global()
@Module({
  controllers: [MetricsController],
  providers: [{ provide: ApiMetrics, useFactory: () => new ApiMetrics() }],
  exports: [ApiMetrics],
})
export class MetricsModule {}
