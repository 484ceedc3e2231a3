import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse as Answers, ApiTags } from '@nestjs/swagger';
import { operationPath } from '#libs/contracts/http/answers.ts';
import { clusterPath } from '#libs/contracts/http/cluster-views.ts';
import { evidenceQuery, evidenceView } from '#libs/contracts/http/evidence-views.ts';
import type { EvidenceQuery, EvidenceView } from '#libs/contracts/http/evidence-views.ts';
import type { ClusterId } from '#libs/domain/azure-ids.ts';
import { Allow, CurrentCaller } from '../http/access.ts';
import type { Caller } from '../http/caller.ts';
import { AnswersProblems } from '../http/documented.ts';
import { EvidenceService } from './evidence.service.ts';

@ApiTags('evidence')
@AnswersProblems()
@Controller('v1')
export class EvidenceController {
  constructor(@Inject(EvidenceService) private readonly evidence: EvidenceService) {}

  @ApiOperation({
    operationId: 'readOperationEvidence',
    summary: 'Hands out what proves one operation, also after the workflow engine forgot it',
  })
  @Get('operations/:id/evidence')
  @Allow('reader')
  @Answers({ status: 200, standardSchema: evidenceView })
  ofOperation(
    @Param({ schema: operationPath }) { id }: { id: string },
    @CurrentCaller() caller: Caller,
  ): Promise<EvidenceView> {
    return this.evidence.ofOperation(id, caller);
  }

  @ApiOperation({
    operationId: 'readClusterEvidence',
    summary: 'Hands out what proves a period of one cluster',
  })
  @Get('clusters/:subscriptionId/:resourceGroup/:name/evidence')
  @Allow('reader')
  @Answers({ status: 200, standardSchema: evidenceView })
  ofCluster(
    @Param({ schema: clusterPath }) id: ClusterId,
    @Query({ schema: evidenceQuery }) period: EvidenceQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<EvidenceView> {
    return this.evidence.ofCluster(id, period, caller);
  }
}
