import { readFileSync } from 'node:fs';
import type { TLSConfig } from '@temporalio/client';
import { Connection, defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';
import type { GrpcRetryOptions } from '@temporalio/client';
import type { CallObserver } from './call-observer.ts';
import { observing } from './call-observer.ts';

/** Where Temporal is and how it knows us. */
export interface TemporalSettings {
  /** host:port of the frontend. */
  readonly address: string;
  readonly namespace: string;
  /** Sent as a bearer token; implies TLS. */
  readonly apiKey?: string;
  readonly tls?: TlsSettings;
}

/** TLS with the system's authorities unless a file is named; client files are for mutual TLS. */
export interface TlsSettings {
  readonly serverName?: string;
  readonly serverCaFile?: string;
  readonly clientCertificateFile?: string;
  readonly clientKeyFile?: string;
}

/**
 * A connection that is made by its first call, so that a process can start, listen and say "not ready"
 * while Temporal is away.
 */
export function createLazyConnection(
  settings: TemporalSettings,
  observer?: CallObserver,
): Connection {
  const retries = makeGrpcRetryInterceptor(retryOptions);
  // The observer stands nearest to the server, so that it sees each try.
  const interceptors = observer === undefined ? [retries] : [retries, observing(observer)];
  return Connection.lazy({ ...toConnectionOptions(settings), interceptors });
}

const resourceExhausted = 8;

/** An engine that is away must be told to the caller in a second, and not be hidden until the deadline. */
const whenAway = defaultGrpcRetryOptions({ maxAttempts: 3 });

/**
 * An engine that is at work takes ten updates of one workflow at a time, and refuses the others until one of
 * them is answered, which is a matter of milliseconds: asked again for about ten seconds, within the call's deadline.
 */
const whenBusy = defaultGrpcRetryOptions({
  maxAttempts: 12,
  factor: 1.4,
  maxJitter: 0.5,
  initialIntervalMs: () => 60,
});

/** How a call is repeated by what became of it; calls that change something carry an id, so that they may be. */
export const retryOptions: GrpcRetryOptions = {
  delayFunction: (attempt, status) => kindOf(status).delayFunction(attempt, status),
  retryableDecider: (attempt, status) => kindOf(status).retryableDecider(attempt, status),
};

const kindOf = ({ code }: { readonly code: number }): GrpcRetryOptions =>
  code === resourceExhausted ? whenBusy : whenAway;

interface SdkConnectionOptions {
  readonly address: string;
  readonly apiKey?: string;
  readonly tls?: TLSConfig | boolean;
}

/** What the SDK's connections, the worker's native one included, want to be told. */
export function toConnectionOptions(settings: TemporalSettings): SdkConnectionOptions {
  const { address, apiKey, tls } = settings;
  if (tls === undefined) return apiKey === undefined ? { address } : { address, apiKey, tls: true };
  const options = { address, tls: toTlsConfig(tls) };
  return apiKey === undefined ? options : { ...options, apiKey };
}

function toTlsConfig(tls: TlsSettings): TLSConfig {
  const { serverName, serverCaFile, clientCertificateFile, clientKeyFile } = tls;
  return {
    ...(serverName !== undefined && { serverNameOverride: serverName }),
    ...(serverCaFile !== undefined && { serverRootCACertificate: readFileSync(serverCaFile) }),
    ...(clientCertificateFile !== undefined &&
      clientKeyFile !== undefined && {
        clientCertPair: {
          crt: readFileSync(clientCertificateFile),
          key: readFileSync(clientKeyFile),
        },
      }),
  };
}
