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
  const { sentAt } = (attempt.told() ?? { sentAt: {} }) as Sent;
  const elapsed = attempt.now() - (sentAt[what] ?? 0);
  if (elapsed < answerLostMs)
    throw again('AnswerLost', `looking for ${what} again`, answerLostMs - elapsed);
  attempt.tell({ sentAt: { ...sentAt, [what]: attempt.now() } } satisfies Sent);
  try {
    return await send();
  } catch (error) {
    if (!mayHaveTakenEffect(error)) throw error;
    throw again('AnswerLost', `looking for ${what}: its answer was lost`, answerLostMs);
  }
}

function mayHaveTakenEffect(error: unknown): boolean {
  if (!(error instanceof AzureError) || !error.sent) return false;
  return error.kind !== 'answer' || (error.status ?? 0) >= 500;
}
