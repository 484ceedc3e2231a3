import { z } from 'zod';
import type { TemporalSettings, TlsSettings } from './connection.ts';

/** How the environment says that a process is to be known to Temporal, by the names Temporal's own tools use. */
export const temporalEnvironment = {
  TEMPORAL_API_KEY: z.string().optional(),
  TEMPORAL_TLS: z.stringbool().default(false),
  TEMPORAL_TLS_SERVER_NAME: z.string().optional(),
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: z.string().optional(),
  TEMPORAL_TLS_CLIENT_CERT_PATH: z.string().optional(),
  TEMPORAL_TLS_CLIENT_KEY_PATH: z.string().optional(),
};

/** Values of those names, and the two that each process has a default of its own for. */
export type TemporalEnvironment = z.output<z.ZodObject<typeof temporalEnvironment>> & {
  readonly TEMPORAL_ADDRESS: string;
  readonly TEMPORAL_NAMESPACE: string;
};

/** What does not go together, each as a sentence. */
export function problemsOf(env: TemporalEnvironment): string[] {
  const { TEMPORAL_TLS_CLIENT_CERT_PATH: certificate, TEMPORAL_TLS_CLIENT_KEY_PATH: key } = env;
  return (certificate === undefined) === (key === undefined)
    ? []
    : ['TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH: go together'];
}

/** Where Temporal is and how it knows us. */
export function toTemporalSettings(env: TemporalEnvironment): TemporalSettings {
  const { TEMPORAL_API_KEY: apiKey } = env;
  const tls: TlsSettings = {
    ...(env.TEMPORAL_TLS_SERVER_NAME && { serverName: env.TEMPORAL_TLS_SERVER_NAME }),
    ...(env.TEMPORAL_TLS_SERVER_CA_CERT_PATH && {
      serverCaFile: env.TEMPORAL_TLS_SERVER_CA_CERT_PATH,
    }),
    ...(env.TEMPORAL_TLS_CLIENT_CERT_PATH && {
      clientCertificateFile: env.TEMPORAL_TLS_CLIENT_CERT_PATH,
    }),
    ...(env.TEMPORAL_TLS_CLIENT_KEY_PATH && { clientKeyFile: env.TEMPORAL_TLS_CLIENT_KEY_PATH }),
  };
  const isSecured = env.TEMPORAL_TLS || Object.keys(tls).length > 0;
  return {
    address: env.TEMPORAL_ADDRESS,
    namespace: env.TEMPORAL_NAMESPACE,
    ...(apiKey !== undefined && { apiKey }),
    ...(isSecured && { tls }),
  };
}
