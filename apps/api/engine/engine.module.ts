import { Inject, Module } from '@nestjs/common';
import type { DynamicModule, OnApplicationShutdown } from '@nestjs/common';
import type { Connection } from '@temporalio/client';
import { createLazyConnection } from '#libs/temporal/connection.ts';
import { createWorkflowClient } from '#libs/temporal/workflow-client.ts';
import type { ApiConfig } from '../config.ts';
import { ApiMetrics } from '../metrics/api-metrics.ts';

/** Injection names of the way to Temporal. */
export const temporalConnection = 'keyturn:temporal-connection';
export const workflowClient = 'keyturn:workflow-client';

/** The way to Temporal: made on first use, closed after the last request is answered. */
@Module({})
export class EngineModule implements OnApplicationShutdown {
  constructor(@Inject(temporalConnection) private readonly connection: Connection) {}

  static forConfig({ temporal, virtualTime, simulatorFile }: ApiConfig): DynamicModule {
    const time = { virtualTime, ...(simulatorFile !== undefined && { simulatorFile }) };
    return {
      module: EngineModule,
      global: true,
      providers: [
        {
          provide: temporalConnection,
          inject: [ApiMetrics],
          useFactory: ({ engine }: ApiMetrics) => createLazyConnection(temporal, engine),
        },
        {
          provide: workflowClient,
          inject: [temporalConnection],
          useFactory: (connection: Connection) =>
            createWorkflowClient({ connection, namespace: temporal.namespace }, time),
        },
      ],
      exports: [temporalConnection, workflowClient],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.connection.close();
  }
}
