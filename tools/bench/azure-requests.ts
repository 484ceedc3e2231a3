import type { Exchange } from '../stack/simulator-control.ts';

type Counted = Pick<Exchange, 'method' | 'url' | 'status'>;
type Purpose = 'token' | 'challenge' | 'poll' | 'work';

/** Requests to Azure by what they were for. */
export interface AzureRequests {
  /** Beyond polls, tokens and challenges: what the budget counts. */
  readonly work: number;
  readonly polls: number;
  readonly tokens: number;
  readonly challenges: number;
  /** The work by method and host. */
  readonly byMethod: Readonly<Record<string, number>>;
}

/** Counts requests by what they were for. */
export function countRequests(exchanges: readonly Counted[]): AzureRequests {
  const counts: Record<Purpose, number> = { token: 0, challenge: 0, poll: 0, work: 0 };
  const byMethod: Record<string, number> = {};
  const asked = new Set<string>();
  for (const each of exchanges) {
    const purpose = purposeOf(each, asked);
    counts[purpose] += 1;
    if (purpose !== 'work') continue;
    const name = `${each.method} ${kindOfHost(new URL(each.url).hostname)}`;
    byMethod[name] = (byMethod[name] ?? 0) + 1;
  }
  const { work, poll: polls, token: tokens, challenge: challenges } = counts;
  return { work, polls, tokens, challenges, byMethod };
}

function purposeOf({ url, status }: Counted, asked: Set<string>): Purpose {
  const { hostname, pathname } = new URL(url);
  if (hostname === 'login.microsoftonline.com') return 'token';
  // Key Vault says with a 401 which tenant to ask for a token.
  if (status === 401) return 'challenge';
  if (/\/operation(?:statuses|results)\//iu.test(pathname)) return 'poll';
  // A record that was sent is looked for until it shows: from the second time on that is polling.
  if (!hostname.startsWith('api.loganalytics.')) return 'work';
  if (asked.has(pathname)) return 'poll';
  asked.add(pathname);
  return 'work';
}

const kindOfHost = (hostname: string): string =>
  hostname.endsWith('.vault.azure.net') ? 'a vault' : hostname;
