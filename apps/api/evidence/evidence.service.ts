import { Inject, Injectable } from '@nestjs/common';
import type { EvidenceQuery, EvidenceView } from '#libs/contracts/http/evidence-views.ts';
import type { ClusterId } from '#libs/domain/azure-ids.ts';
import { formatClusterId, parseClusterId } from '#libs/domain/azure-ids.ts';
import type { ChainStretch, LedgerReader, StretchOf } from '#libs/ledger/ledger.ts';
import { StretchTooLong } from '#libs/ledger/ledger.ts';
import type { Caller } from '../http/caller.ts';
import { requireRole } from '../http/caller.ts';
import { Refused } from '../http/refused.ts';
import { ledgerReader } from '../ledger/ledger.module.ts';
import { sealed } from './seal.ts';

/** Some ten megabytes: what a process hands out at once without starving the others. */
const atMost = 5_000;

/** Evidence: stretches of the ledger's chains, sealed. */
@Injectable()
export class EvidenceService {
  constructor(@Inject(ledgerReader) private readonly ledger: LedgerReader) {}

  /** Throws `evidence_absent` while nothing of the operation is kept. */
  async ofOperation(operationId: string, caller: Caller): Promise<EvidenceView> {
    const reason = `nothing of operation ${operationId} is kept`;
    const stretch = await this.stretch({ operationId }, reason);
    requireRole(caller, ['reader'], parseClusterId(stretch.chain)?.subscriptionId);
    return sealed({ operationId }, stretch);
  }

  /** Throws `evidence_absent` when nothing happened then. */
  async ofCluster(id: ClusterId, period: EvidenceQuery, caller: Caller): Promise<EvidenceView> {
    requireRole(caller, ['reader'], id.subscriptionId);
    const chain = formatClusterId(id);
    const reason = `nothing is kept of ${chain} from ${period.from} to ${period.to}`;
    return sealed(period, await this.stretch({ chain, ...period }, reason));
  }

  private async stretch(of: StretchOf, reason: string): Promise<ChainStretch> {
    let stretch: ChainStretch | undefined;
    try {
      stretch = await this.ledger.stretch(of, atMost);
    } catch (error) {
      if (!(error instanceof StretchTooLong)) throw error;
      throw new Refused({ code: 'evidence_too_long', reason: error.message });
    }
    if (stretch === undefined) throw new Refused({ code: 'evidence_absent', reason });
    return stretch;
  }
}
