import { Module } from '@nestjs/common';
import { EvidenceController } from './evidence.controller.ts';
import { EvidenceService } from './evidence.service.ts';

@Module({ controllers: [EvidenceController], providers: [EvidenceService] })
export class EvidenceModule {}
