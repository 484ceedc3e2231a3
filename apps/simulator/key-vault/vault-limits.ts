import { AzureFault } from '../azure-fault.ts';
import type { Call } from '../route.ts';
import { listStorages } from '../storage/documents.ts';
import { unwrapIntervalsMs } from '../storage/unwrap-log.ts';
import type { Transaction } from '../store.ts';
import { TokenBuckets } from '../token-buckets.ts';
import { findKey, findVersion } from './key-documents.ts';
import { vaultOfHost } from './vault-door.ts';
import type { Vault } from './vault-documents.ts';

/** What a key is made of, as far as limits go. */
interface Material {
  readonly kty: string;
  readonly bits: number;
}

/** The window that Key Vault's limits are given for (azure-docs, Key Vault service limits). */
const WINDOW_SECONDS = 10;
/** All vaults of a subscription in a region together (ditto). */
const VAULTS_AT_ONCE = 5;
/** So many of one kind fit into a window when nothing else is asked for (ditto). */
const creates = { software: 20, hardware: 10 };
const others = {
  2048: { software: 4000, hardware: 2000 },
  3072: { software: 1000, hardware: 500 },
  4096: { software: 500, hardware: 250 },
} as const;

/**
 * The limits of vaults: every request uses a share of the window of its vault, the dearer its key the larger, and what
 * the storage of clusters unwraps by itself is taken off. Refused requests use nothing.
 */
export class VaultLimiter {
  readonly #buckets: TokenBuckets;

  constructor(wall: () => number = Date.now) {
    this.#buckets = new TokenBuckets(wall);
  }

  /** Throws 429 when the vault, or the vaults of its subscription and region, have had enough. */
  admit(call: Call): void {
    const vault = vaultOfHost(call.tx, call.host);
    if (vault === undefined) return;
    const share = 1 / limitOf(call, vault);
    const { now } = call.tx;
    const refill = Math.max(0, 1 / WINDOW_SECONDS - unwrapSharePerSecond(call.tx, vault));
    const own = this.#buckets.fill(vault.name.toLowerCase(), { size: 1, refill, now });
    const region = `${vault.subscriptionId}/${vault.location}`.toLowerCase();
    const size = VAULTS_AT_ONCE;
    const all = this.#buckets.fill(region, { size, refill: size / WINDOW_SECONDS, now });
    // A sum of many shares may miss a whole window by a hair.
    if (own.tokens + 1e-9 < share || all.tokens + 1e-9 < share) {
      throw throttled((share - own.tokens) / refill);
    }
    own.tokens -= share;
    all.tokens -= share;
  }
}

function limitOf(call: Call, vault: Vault): number {
  const makes = /\/(?:create|rotate)\/?$/iu.test(call.path);
  const { kty, bits } = materialOf(call, vault);
  const kind = kty.toUpperCase().endsWith('-HSM') ? 'hardware' : 'software';
  if (makes) return creates[kind];
  // Curves cost as much as the smallest RSA key.
  return (bits === 3072 || bits === 4096 ? others[bits] : others[2048])[kind];
}

/** Of the key that is asked for, of the one that is to be made, or of the cheapest for lists. */
function materialOf({ tx, params, body, path }: Call, vault: Vault): Material {
  const { name = '', version = '' } = params;
  if (/\/create\/?$/iu.test(path)) {
    const { kty } = (body ?? {}) as { kty?: unknown };
    return { kty: typeof kty === 'string' ? kty : 'RSA', bits: 0 };
  }
  const key = findKey(tx, vault.name, name);
  const found = key && findVersion(tx, key, version.toLowerCase());
  return found ?? { kty: 'RSA', bits: 2048 };
}

/** What the clusters whose keys lie here take of the window each second (R154). */
function unwrapSharePerSecond(tx: Transaction, vault: Vault): number {
  const perAccount = unwrapIntervalsMs.map((ms) => 1000 / ms);
  const perCluster = perAccount.reduce((sum, each) => sum + each, 0) / others[2048].software;
  const here = vault.name.toLowerCase();
  const bound = listStorages(tx).filter(({ binding }) => binding?.vault.toLowerCase() === here);
  return bound.length * perCluster;
}

function throttled(seconds: number): AzureFault {
  const wait = Number.isFinite(seconds) ? Math.max(1, Math.ceil(seconds)) : WINDOW_SECONDS;
  return new AzureFault(
    429,
    {
      code: 'Throttled',
      message:
        'Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached',
    },
    { headers: { 'retry-after': String(wait) } },
  );
}
