import { Module } from '@nestjs/common';
import { DiscoveryController } from './discovery.controller.ts';
import { DiscoveryService } from './discovery.service.ts';

@Module({ controllers: [DiscoveryController], providers: [DiscoveryService] })
export class DiscoveryModule {}
