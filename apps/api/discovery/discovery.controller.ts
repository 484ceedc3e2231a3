import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse as Answers, ApiTags } from '@nestjs/swagger';
import { discoveryQuery, discoveryView } from '#libs/contracts/http/discovery-views.ts';
import type { DiscoveryQuery, DiscoveryView } from '#libs/contracts/http/discovery-views.ts';
import { Allow, CurrentCaller } from '../http/access.ts';
import type { Caller } from '../http/caller.ts';
import { AnswersProblems } from '../http/documented.ts';
import { DiscoveryService } from './discovery.service.ts';

@ApiTags('discovery')
@AnswersProblems()
@Controller('v1/discovery')
export class DiscoveryController {
  constructor(@Inject(DiscoveryService) private readonly discovery: DiscoveryService) {}

  @ApiOperation({
    operationId: 'discoverClusters',
    summary: 'Reads the clusters of a subscription in Azure, whoever made them, with findings',
  })
  @Get()
  @Allow('reader')
  @Answers({ status: 200, standardSchema: discoveryView })
  read(
    @Query({ schema: discoveryQuery }) { subscription }: DiscoveryQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<DiscoveryView> {
    return this.discovery.read(subscription, caller);
  }
}
