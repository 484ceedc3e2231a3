import { readFileSync } from 'node:fs';
import type { TLSConfig } from '@temporalio/client';
import { Connection, defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';
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
 * while Temporal is away. Three quick tries per call: an engine that is away must be told to the caller
 * in a second, and not be hidden until the deadline turns it into "not known".
 */
export function createLazyConnection(
  settings: TemporalSettings,
  observer?: CallObserver,
): Connection {
  const retries = makeGrpcRetryInterceptor(defaultGrpcRetryOptions({ maxAttempts: 3 }));
  // The observer stands nearest to the server, so that it sees each try.
  const interceptors = observer === undefined ? [retries] : [retries, observing(observer)];
  return Connection.lazy({ ...toConnectionOptions(settings), interceptors });
}

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
