import {
  Body,
  Controller,
  Get,
  HttpCode,
  Inject,
  Param,
  Patch,
  Post,
  Query,
  UseInterceptors,
} from '@nestjs/common';
import { ApiOperation, ApiResponse as Answers, ApiTags } from '@nestjs/swagger';
import { ticketView } from '#libs/contracts/http/answers.ts';
import {
  clusterList,
  clusterPath,
  clusterQuery,
  clusterView,
  policyBody,
} from '#libs/contracts/http/cluster-views.ts';
import type {
  ClusterList,
  ClusterQuery,
  ClusterView,
  PolicyBody,
} from '#libs/contracts/http/cluster-views.ts';
import type { TicketView } from '#libs/contracts/http/answers.ts';
import { operationBody } from '#libs/contracts/http/operation-body.ts';
import type { OperationBody } from '#libs/contracts/http/operation-body.ts';
import { provisionBody } from '#libs/contracts/http/provision-body.ts';
import type { ClusterId } from '#libs/domain/azure-ids.ts';
import type { ProvisionRequest } from '#libs/domain/provision-request.ts';
import { Allow, CurrentCaller, CurrentSender } from '../http/access.ts';
import type { Sender } from '../http/access.ts';
import type { Caller } from '../http/caller.ts';
import { AnswersProblems, NeedsRequestKey } from '../http/documented.ts';
import { TellsLocation } from '../http/tells-location.ts';
import { ClustersService } from './clusters.service.ts';

@ApiTags('clusters')
@AnswersProblems()
@Controller('v1/clusters')
export class ClustersController {
  constructor(@Inject(ClustersService) private readonly clusters: ClustersService) {}

  @ApiOperation({
    operationId: 'provisionCluster',
    summary: 'Provisions an encrypted cluster: vault, key, cluster, grant, bind and links',
  })
  @Post()
  @HttpCode(202)
  @Allow('operator')
  @NeedsRequestKey('Accepted: the operation exists.', ticketView)
  @UseInterceptors(TellsLocation)
  provision(
    @Body({ schema: provisionBody }) request: ProvisionRequest,
    @CurrentSender() sender: Sender,
  ): Promise<TicketView> {
    return this.clusters.provision(request, sender);
  }

  @ApiOperation({
    operationId: 'listClusters',
    summary: 'Lists the clusters that Keyturn looks after',
  })
  @Get()
  @Allow('reader')
  @Answers({ status: 200, standardSchema: clusterList })
  list(
    @Query({ schema: clusterQuery }) query: ClusterQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<ClusterList> {
    return this.clusters.list(query, caller);
  }

  @ApiOperation({ operationId: 'readCluster', summary: 'Reads one cluster' })
  @Get(':subscriptionId/:resourceGroup/:name')
  @Allow('reader')
  @Answers({ status: 200, standardSchema: clusterView })
  read(
    @Param({ schema: clusterPath }) id: ClusterId,
    @CurrentCaller() caller: Caller,
  ): Promise<ClusterView> {
    return this.clusters.read(id, caller);
  }

  @ApiOperation({
    operationId: 'changeClusterPolicy',
    summary: 'Changes how Keyturn looks after a cluster',
  })
  @Patch(':subscriptionId/:resourceGroup/:name')
  @Allow('operator')
  @Answers({ status: 200, standardSchema: clusterView })
  changePolicy(
    @Param({ schema: clusterPath }) id: ClusterId,
    @Body({ schema: policyBody }) policy: PolicyBody,
    @CurrentCaller() caller: Caller,
  ): Promise<ClusterView> {
    return this.clusters.changePolicy(id, policy, caller);
  }

  @ApiOperation({
    operationId: 'operateCluster',
    summary:
      'Orders an operation on a cluster: inspect, adopt, rotate, retire-version, replace-key, revoke or recover',
  })
  @Post(':subscriptionId/:resourceGroup/:name/operations')
  @HttpCode(202)
  @Allow('operator', 'approver')
  @NeedsRequestKey('Accepted: the operation exists.', ticketView)
  @UseInterceptors(TellsLocation)
  operate(
    @Param({ schema: clusterPath }) id: ClusterId,
    @Body({ schema: operationBody }) asked: OperationBody,
    @CurrentSender() sender: Sender,
  ): Promise<TicketView> {
    return this.clusters.operate(id, asked, sender);
  }
}
