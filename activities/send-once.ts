import { AzureError } from '#libs/azure/azure-error.ts';

import type { Attempt } from './azure-call.ts';
import { again, answerLostMs } from './failures.ts';

interface Sent {
  /** Epoch ms by thing sent. */
  readonly sentAt: Readonly<Record<string, number>>;
}

/**
 * Sends a request that Azure does not deduplicate. The caller has looked and found no trace of it. That
 * it is sent is told to Temporal first; when its answer is lost, or its worker dies, the next attempt
 * looks again and sends only when a minute has passed in which the lost request could take effect.
 * @throws ApplicationFailure AnswerLost, to be tried again after that minute
 */
export async function sendOnce<T>(
  attempt: Attempt,
  what: string,
  send: () => Promise<T>,
): Promise<T> {
  const { sentAt } = sentSoFar(attempt);
  const elapsed = attempt.now() - (sentAt[what] ?? 0);
  if (elapsed < answerLostMs)
    throw again('AnswerLost', `looking for ${what} again`, answerLostMs - elapsed);
  attempt.tell({ sentAt: { ...sentAt, [what]: attempt.now() } } satisfies Sent);
  try {
    return await send();
  } catch (error) {
    if (!(error instanceof AzureError)) throw error;
    if (mayHaveTakenEffect(error)) {
      const afterMs = Math.max(answerLostMs, error.retryAfterMs ?? 0);
      throw again(
        'AnswerLost',
        `looking for ${what}: its answer was lost, ${error.message}`,
        afterMs,
      );
    }
    // Nothing to look for: the next attempt may send at once. Others may have been sent meanwhile.
    const { [what]: _, ...others } = sentSoFar(attempt).sentAt;
    attempt.tell({ sentAt: others } satisfies Sent);
    throw error;
  }
}

const sentSoFar = (attempt: Attempt) => (attempt.told() ?? { sentAt: {} }) as Sent;

/** Only a clear no of Azure (4xx, but not its time-out) proves that nothing was done. */
function mayHaveTakenEffect({ kind, sent, status = 0 }: AzureError): boolean {
  const saidNo = kind === 'answer' && status >= 400 && status < 500 && status !== 408;
  return sent && !saidNo;
}
