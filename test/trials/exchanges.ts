/** The exchanges of an operation with Azure, addressed by what they are and not by where they stand. */
import type { Exchange } from '../support/simulator-control.ts';
import { generalised } from './generalised.ts';
import type { Site } from './site.ts';

/** One exchange: the `ordinal`-th (from 1) of its kind, so that a change of order elsewhere does not move it. */
export interface Address {
  readonly method: string;
  /** Host and path, with names and ids left out. */
  readonly path: string;
  readonly ordinal: number;
}

/** Requests of the operation carry its id, whichever worker sent them (activities/azure-call.ts). */
export const requestsOf = ({ operationId }: Site): string => `^operation/${operationId}/`;

/** What the operation on that site asked Azure with a token, in order; Key Vault's challenges have none. */
export function exchangesOn(site: Site, exchanges: readonly Exchange[]): Exchange[] {
  const own = new RegExp(requestsOf(site), 'u');
  return exchanges.filter(
    ({ principal, requestHeaders }) =>
      principal === 'keyturn' && own.test(requestHeaders['x-ms-client-request-id'] ?? ''),
  );
}

/** The addresses of the exchanges, in their order. */
export function addressesOf(site: Site, exchanges: readonly Exchange[]): Address[] {
  const met = new Map<string, number>();
  return exchanges.map((exchange) => {
    const path = pathOf(site, exchange);
    const kind = `${exchange.method} ${path}`;
    const ordinal = (met.get(kind) ?? 0) + 1;
    met.set(kind, ordinal);
    return { method: exchange.method, path, ordinal };
  });
}

/** Host and path of an exchange without names and ids. */
export function pathOf(site: Site, { url }: Exchange): string {
  const { hostname, pathname } = new URL(url);
  return generalised(`${hostname}${pathname}`, site);
}

/** Matches path and query of the requests at that address on that site. */
export function patternOf({ path }: Address, site: Site): string {
  const [, target = ''] = /^[^/]*(\/.*)$/u.exec(path) ?? [];
  const escaped = target.replaceAll(/[.*+?^$()|[\]\\]/gu, String.raw`\$&`);
  return `^${escaped.replaceAll('{site}', site.name).replaceAll(/\{\w+\}/gu, '[^/?]+')}(?:[?]|$)`;
}

/** The address as people read and type it. */
export const describeAddress = ({ method, path, ordinal }: Address): string =>
  `${method} ${shortened(path)} #${ordinal}`;

/** Without what every path of its kind begins with. */
function shortened(path: string): string {
  return path
    .replace('management.azure.com/subscriptions/{guid}/', '')
    .replace('resourceGroups/rg-logs/providers/', '')
    .replace(/^providers\//u, '')
    .replace(/^[^/]*[.]vault[.]azure[.]net/u, 'vault:')
    .replace(/^[^/]*[.]ingest[.]monitor[.]azure[.]com/u, 'ingest:')
    .replace('api.loganalytics.io', 'query:');
}
