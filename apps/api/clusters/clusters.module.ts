import { Module } from '@nestjs/common';
import { ClustersController } from './clusters.controller.ts';
import { ClustersService } from './clusters.service.ts';

@Module({ controllers: [ClustersController], providers: [ClustersService] })
export class ClustersModule {}
