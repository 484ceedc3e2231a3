import { Module } from '@nestjs/common';
import { OperationEventsService } from './operation-events.service.ts';
import { OperationsController } from './operations.controller.ts';
import { OperationsService } from './operations.service.ts';
import { WaitingOperations } from './waiting-operations.ts';

@Module({
  controllers: [OperationsController],
  providers: [OperationsService, OperationEventsService, WaitingOperations],
})
export class OperationsModule {}
