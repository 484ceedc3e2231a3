import type { PlannedReplacement } from '#activities/replacement.ts';
import type { Outcome } from '#libs/domain/events.ts';
import { everyVersion, type ReplacementRequest } from '#libs/domain/operation-request.ts';
import type { OperationInput } from '#libs/domain/operation-stream.ts';
import type { Replacement } from '#libs/domain/replacement.ts';

import { gradeOf } from './evidence.ts';
import { KeySteps } from './key-steps.ts';
import { needed } from './needed.ts';
import { proveUse } from './prove-use.ts';
import { azure } from './proxies.ts';
import { soak } from './soak.ts';
import { Work, type Done } from './work.ts';

/**
 * Puts another key under a cluster whose key is not to be trusted any more: vault, key, grant, bind, soak, proof;
 * what is left of the old key is retired by an operation of its own. No lockout: what is stored stays readable (R97).
 */
export async function replaceKey(input: OperationInput<ReplacementRequest>): Promise<Outcome> {
  const { request, operationId } = input;
  const { cluster, key } = request;
  const work = new Work<PlannedReplacement>(input, async (begun) =>
    azure.planReplacement({ request, operationId, now: Date.now(), begun }),
  );
  let steps: KeySteps | undefined;

  async function story(): Promise<string> {
    const { replacement } = await work.ready();
    const { region, principalId, left } = needed(replacement, 'what to replace');
    const own = new KeySteps({ operationId, cluster, key, region, tags: {} }, work);
    steps = own;
    const startedAt = Date.now();
    await work.step('vault', async () => await own.vault());
    await work.step('vault-access', async () => await own.ownAccess());
    await work.step('key', async () => await own.keyVersion());
    await work.step('grant', async () => await own.grant(principalId));
    await work.step('bind', async () => await own.bind());
    const boundAt = Date.now();
    await work.step('soak', async () => await soak(work, request.soakMs));
    let proven: Done | undefined;
    await work.step('proof', async () => (proven = await prove(own.version, boundAt)));
    await work.stillStands();
    const seconds = Math.round((boundAt - startedAt) / 1000);
    const then = retire(left, { boundAt, proven });
    return `The cluster uses another key, ${key.name}, in version ${own.version}, bound after ${seconds} s; ${then}.`;
  }

  async function prove(version: string, boundAt: number): Promise<Done> {
    const { vaultId, name: keyName, mode } = key;
    // What it left is another key, of which the audit of this one says nothing.
    const rotation = { vaultId, keyName, mode, from: '' };
    return await proveUse(work, { cluster, rotation, version, boundAt });
  }

  /** Has the key that was left retired, by an operation of its own; answers that in words. */
  function retire(
    left: Replacement['left'],
    { boundAt, proven }: { boundAt: number; proven: Done | undefined },
  ): string {
    const { keepMs } = request;
    if (left === undefined || keepMs === undefined) return 'the old key stays enabled';
    const notBefore = new Date(boundAt + keepMs).toISOString();
    const next = work.followUp('retire-version', {
      cluster,
      version: everyVersion,
      key: left,
      keepMs,
      notBefore,
      proof: gradeOf(proven),
      follows: operationId,
      planOnly: false,
    });
    return `the old key ${left.name} stays enabled until operation ${next} retires it, which waits for ${notBefore} and a yes`;
  }

  return await work.run(story, async () => await steps?.undo());
}
