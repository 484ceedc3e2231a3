/** What a caller gives with every call. */
export interface Call {
  /** Ends the call early, e.g. an activity's cancellation signal. */
  signal: AbortSignal;
  /** Sent as `x-ms-client-request-id`; joins our histories with Azure's activity log. */
  clientRequestId: string;
}

/** What a read saw, and Azure's name for the answer (`x-ms-request-id`). */
export interface Seen<T> {
  value: T;
  requestId: string;
}

/** A deadline and a caller's signal made one, that remembers which of the two came first. */
export interface Limit {
  signal: AbortSignal;
  ended: () => 'timeout' | 'cancelled' | undefined;
  /** Lets go of the timer and of the caller's signal, which may outlive thousands of calls. */
  close: () => void;
}

/**
 * Starts a deadline of `timeoutMs` that the caller's signal may cut short. The SDKs have no deadline
 * of their own and report both endings as the same error.
 */
export function openLimit(call: Call, timeoutMs: number): Limit {
  const controller = new AbortController();
  let ended: 'timeout' | 'cancelled' | undefined;
  const end = (why: 'timeout' | 'cancelled') => {
    ended ??= why;
    controller.abort();
  };
  const cancel = () => end('cancelled');
  const timer = setTimeout(() => end('timeout'), timeoutMs);
  if (call.signal.aborted) cancel();
  else call.signal.addEventListener('abort', cancel, { once: true });
  return {
    signal: controller.signal,
    ended: () => ended,
    close() {
      clearTimeout(timer);
      call.signal.removeEventListener('abort', cancel);
    },
  };
}
