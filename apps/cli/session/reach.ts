import { Unreachable } from './unreachable.ts';

/** An answer begins within this, or the other side counts as away; the API itself gives up after ten. */
const answerWithinMs = 30_000;

const awayStatuses = [502, 503, 504];

/**
 * A fetch that tells "cannot be reached" from everything else: no connection, no answer in time, or a
 * gateway that answers in place of the API. A problem document of the API passes, whatever its status.
 */
export function reaching(send: typeof fetch, name: string): typeof fetch {
  return async (input, init) => {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), answerWithinMs);
    const own = init?.signal ?? undefined;
    const signal = own === undefined ? late.signal : AbortSignal.any([own, late.signal]);
    try {
      const response = await send(input, { ...init, signal });
      if (isGateway(response)) throw new Unreachable(name, `status ${response.status}`);
      return response;
    } catch (error) {
      if (own?.aborted === true || error instanceof Unreachable) throw error;
      throw new Unreachable(name, late.signal.aborted ? 'no answer in time' : reasonOf(error));
    } finally {
      clearTimeout(timer);
    }
  };
}

/** Whether a host is this machine. */
export const isLoopback = (hostname: string): boolean =>
  ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);

const isGateway = ({ status, headers }: Response): boolean =>
  awayStatuses.includes(status) && !(headers.get('content-type') ?? '').includes('json');

/** fetch hides the reason one level down, and several addresses tried one level more. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof AggregateError && cause.message === '') {
    return cause.errors.map((each) => reasonOf(each)).join(', ');
  }
  return cause instanceof Error ? reasonOf(cause) : error.message;
}
