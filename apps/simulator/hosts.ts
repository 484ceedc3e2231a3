import type { Service } from './route.ts';

const exact: Readonly<Record<string, Service>> = {
  'management.azure.com': 'arm',
  'login.microsoftonline.com': 'entra',
  'graph.microsoft.com': 'graph',
  'api.loganalytics.io': 'logs',
  'api.loganalytics.azure.com': 'logs',
};

const patterns: readonly (readonly [RegExp, Service])[] = [
  [/^[a-z0-9-]+\.vault\.azure\.net$/u, 'vault'],
  [/^[a-z0-9-]+\.[a-z0-9-]+\.ingest\.monitor\.azure\.com$/u, 'ingest'],
];

/** The service that a host name (any case, without port) belongs to; undefined for every foreign host. */
export function serviceOf(host: string): Service | undefined {
  const name = host.toLowerCase();
  return exact[name] ?? patterns.find(([pattern]) => pattern.test(name))?.[1];
}
