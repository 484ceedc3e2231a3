import { setTimeout } from 'node:timers/promises';
import { isOutage } from '#libs/client/outage.ts';

const againMs = 1_000;
const patienceMs = 60_000;

/**
 * Sends a request with a key of its own again while it is not known whether it was accepted, as the API says:
 * a machine that is busy with trials is late with its answers. @throws when it is refused, or that goes on
 */
export async function insist<T>(send: () => Promise<T>): Promise<T> {
  const giveUpAt = Date.now() + patienceMs;
  for (;;) {
    try {
      return await send();
    } catch (error) {
      if (!isOutage(error) || Date.now() > giveUpAt) throw error;
    }
    await setTimeout(againMs);
  }
}
