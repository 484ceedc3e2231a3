import type { LedgerReader } from '#libs/ledger/ledger.ts';
import { StretchTooLong } from '#libs/ledger/ledger.ts';
import { Refused } from '../http/refused.ts';

/** A database that restarts is back within seconds. */
const retryAfterSeconds = 5;

/** The ledger, which says by `ledger_unavailable` that it cannot be read. */
export function tellingReader(ledger: LedgerReader): LedgerReader {
  return {
    read: (stream, fromSeq) => ledger.read(stream, fromSeq).catch(tell),
    readOperation: (operationId) => ledger.readOperation(operationId).catch(tell),
    verifyChain: (chain) => ledger.verifyChain(chain).catch(tell),
    stretch: (of, atMost) => ledger.stretch(of, atMost).catch(tell),
    close: () => ledger.close(),
  };
}

function tell(error: unknown): never {
  if (error instanceof StretchTooLong) throw error;
  const reason = 'the ledger cannot be read just now';
  throw new Refused({ code: 'ledger_unavailable', reason }, { retryAfterSeconds, cause: error });
}
