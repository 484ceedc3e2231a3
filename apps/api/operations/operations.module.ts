import { Module } from '@nestjs/common';
import { OperationEventsService } from './operation-events.service.ts';
import { OperationsController } from './operations.controller.ts';
import { OperationsService } from './operations.service.ts';

@Module({
  controllers: [OperationsController],
  providers: [OperationsService, OperationEventsService],
})
export class OperationsModule {}
