import { createClient } from '#libs/client/client.ts';
import { watchOperation } from '#libs/client/watch-operation.ts';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import type { Telling } from './story.ts';
import { createTokenSource } from './tokens.ts';

/** Shows an operation to its end; `onState` is what somebody does about its states meanwhile. */
export async function follow(
  { client, stage, signal }: Telling,
  id: string,
  onState: (operation: OperationView) => Promise<void> = async () => {},
): Promise<OperationView> {
  async function* states() {
    for await (const state of watchOperation(client, id, { intervalMs: 300, signal })) {
      yield state;
      await onState(state);
    }
  }
  return await stage.follow(states());
}

/** The second person's part. */
export function sayYes({ stack, stage }: Telling) {
  const token = createTokenSource(stack.simulator, 'approver');
  const approver = createClient({ baseUrl: stack.api, token });
  return async ({ id, state, plan }: OperationView): Promise<void> => {
    if (state !== 'awaiting-approval' || plan === undefined) return;
    for (const { text } of plan.losses) stage.say(`  The approver reads: ${text}`);
    await approver.approveOperation(id, plan.hash);
    stage.say('  The approver says yes to that plan.');
  };
}

/** Says how an operation ended, which has to be well, and seen and not only assumed. */
export const checkEnd = ({ stage }: Telling, { state, outcome }: OperationView): boolean =>
  stage.check(
    `The operation ended: ${state}. ${outcome?.summary ?? ''}`,
    state === 'succeeded' && outcome?.evidence.every(({ grade }) => grade === 'proven') === true,
  );
