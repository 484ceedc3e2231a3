import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import { ClustersModule } from './clusters/clusters.module.ts';
import type { ApiConfig } from './config.ts';
import { DiscoveryModule } from './discovery/discovery.module.ts';
import { EngineModule } from './engine/engine.module.ts';
import { EvidenceModule } from './evidence/evidence.module.ts';
import { HealthModule } from './health/health.module.ts';
import { HttpModule } from './http/http.module.ts';
import { requestLog } from './http/request-log.ts';
import { LedgerModule } from './ledger/ledger.module.ts';
import { MetricsModule } from './metrics/metrics.module.ts';
import { OperationsModule } from './operations/operations.module.ts';

@Module({})
export class AppModule {
  static forConfig(config: ApiConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [
        LoggerModule.forRoot(requestLog(config.logLevel)),
        MetricsModule,
        EngineModule.forConfig(config),
        LedgerModule.forConfig(config),
        HttpModule.forConfig(config),
        ClustersModule,
        OperationsModule,
        DiscoveryModule,
        EvidenceModule,
        HealthModule,
      ],
    };
  }
}
