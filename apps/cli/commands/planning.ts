import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import type { ExitCode } from '../exit-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import { drawOutcome, drawPlan } from '../output/operation-text.ts';
import type { RawRequest } from '../request/request-file.ts';
import type { Session } from '../shell.ts';
import { asBody } from './request-options.ts';
import { statesOf } from './states.ts';
import { codeOf } from './watching.ts';

/** Has the plan of a provision made and shows it. */
export async function planRequest(session: Session, request: RawRequest): Promise<ExitCode> {
  const { acceptPlan: _unused, ...rest } = request;
  const body = asBody({ ...rest, planOnly: true });
  const { operationId } = await session.client.provisionCluster(body);
  return showPlanOf(session, operationId);
}

/**
 * Waits for an operation that ends after its plan, and shows that. Planning only reads, so that every call
 * makes a new one; the operation that made it is not remembered as the last one started.
 */
export async function showPlanOf(session: Session, operationId: string): Promise<ExitCode> {
  const { client, terminal } = session;
  // A plan is there in seconds: Ctrl-C may end the process as usual.
  const { signal } = new AbortController();
  let last: OperationView | undefined;
  for await (const seen of statesOf(client, operationId, signal)) last = seen;
  if (last === undefined) return exitCodes.unexpected;
  const { plan, outcome } = last;
  session.show(last, () => {
    const colours = terminal.colours.print;
    if (outcome?.result === 'succeeded' && plan !== undefined) return drawPlan(plan, colours);
    return outcome === undefined ? [] : drawOutcome(outcome, colours);
  });
  return codeOf(last);
}
