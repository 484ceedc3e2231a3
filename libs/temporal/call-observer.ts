import type { ConnectionOptions } from '@temporalio/client';

type Interceptor = NonNullable<ConnectionOptions['interceptors']>[number];
type Call = ReturnType<Interceptor>;
type Listener = Parameters<Call['start']>[1];
type Status = Parameters<NonNullable<NonNullable<Listener>['onReceiveStatus']>>[0];

/** Who is told of every call to the server, each try by itself. */
export interface CallObserver {
  /** A call is sent; `method` is its bare name, e.g. `DescribeWorkflowExecution`. */
  began(method: string): void;
  /** It is answered, or given up; `code` is gRPC's name for how, e.g. `OK`, `NOT_FOUND`. */
  ended(method: string, code: string, seconds: number): void;
}

/** gRPC's names of its status codes, by number. */
const codes = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const;

/** An interceptor that tells the observer and changes nothing. */
export function observing(observer: CallObserver): Interceptor {
  return (options, nextCall) => {
    const method = options.method_definition.path.split('/').at(-1) ?? '';
    const call = nextCall(options);
    const start = call.start.bind(call);
    call.start = (metadata, listener) => {
      const beganAt = performance.now();
      observer.began(method);
      const onReceiveStatus = (status: Status) => {
        const code = codes[status.code] ?? String(status.code);
        observer.ended(method, code, (performance.now() - beganAt) / 1000);
        listener?.onReceiveStatus?.(status);
      };
      start(metadata, {
        onReceiveMetadata: (received) => listener?.onReceiveMetadata?.(received),
        onReceiveMessage: (message) => listener?.onReceiveMessage?.(message),
        onReceiveStatus,
      });
    };
    // The SDK only ever starts it; a class of its own would need gRPC's package.
    return call as Call;
  };
}
