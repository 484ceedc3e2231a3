import type { EventData } from './events.ts';
import type { Plan } from './plan.ts';
import { dayMs } from './service-rules.ts';

/** A yes that was given: to which plan, how, and when. */
export type Consent = Pick<EventData['ApprovalGiven'], 'planHash' | 'via'> & {
  /** ISO 8601. */
  readonly at: string;
};

/** How old another person's yes may be when it is used: who said it no longer answers for what is so today. */
export const consentDays = 7;

/** What a plan still needs before it may be carried out. */
export type Needed =
  | { readonly state: 'nothing' }
  /** The request itself says yes to it. */
  | { readonly state: 'own-yes'; readonly via: 'request' | 'break-glass' }
  | { readonly state: 'question'; readonly asked: EventData['ApprovalAsked'] };

interface Asking {
  readonly acceptPlan?: string;
  readonly breakGlass?: boolean;
}

/**
 * Whether a plan has the yes it needs: what loses something takes a second person's, given to this very plan
 * and not too long ago; the request agrees to anything else, but once, and only to a plan that it accepts.
 */
export function neededFor(
  plan: Plan,
  { request, last, now }: { request: Asking; last: Consent | undefined; now: number },
): Needed {
  const isSame = last?.planHash === plan.hash;
  if (last !== undefined && isSame && !isTooOld(last, now)) return { state: 'nothing' };
  const losses = plan.losses.map(({ text }) => text).join(' ');
  const via = losses === '' ? 'request' : request.breakGlass === true ? 'break-glass' : undefined;
  const isAccepted = (request.acceptPlan ?? plan.hash) === plan.hash;
  if (last === undefined && via !== undefined && isAccepted) return { state: 'own-yes', via };
  const from = losses === '' ? 'requester' : 'second-person';
  const reason = isSame
    ? `the yes to it is older than ${consentDays} days`
    : last !== undefined
      ? 'the plan has changed since'
      : losses === ''
        ? 'the plan is not the one accepted'
        : losses;
  return { state: 'question', asked: { planHash: plan.hash, from, reason } };
}

/** What a request says of itself stays true for as long as it waits. */
const isTooOld = ({ via, at }: Consent, now: number): boolean =>
  via !== 'request' && now - Date.parse(at) > consentDays * dayMs;
