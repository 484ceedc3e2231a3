import type { Store, Transaction } from './store.ts';

/** Which year's limits and messages are in force. */
export type RulesName = 'current' | '2021';

/** Behaviours that sources disagree about, which the command line turns on beside what is done without: */
export const switches = [
  /** An operation is shown in any api-version, not only the one of its URL (R171). */
  'any-operation-version',
  /** A new key is answered with 200 and the cluster in a wrapper in every api-version (R172). */
  'wrapped-key-updates',
  /** A linked workspace may be pointed at another cluster without an unlink (C13). */
  'direct-relinks',
  /** A managed identity that was made just now is found everywhere (R180). */
  'identities-at-once',
  /** A disabled key version is shown to nobody (4.2). */
  'disabled-keys-hidden',
] as const;

export type Switch = (typeof switches)[number];

/** What the command line decides for the whole simulated world. */
export interface Settings {
  readonly rules: RulesName;
  /** Running answers carry Retry-After with the time left. */
  readonly retryAfter: boolean;
  /** Divisor of the durations of Azure's own work. */
  readonly pace: number;
  readonly switches: readonly Switch[];
}

/** Random values of a data folder, drawn once and kept. */
export interface Secrets {
  /** Signs the query of operation URLs. */
  readonly operationUrlKey: string;
  /** The certificate-like filler that makes an operation URL as long as the real one. */
  readonly operationUrlCertificate: string;
}

const COLLECTION = '$settings';

export function writeSettings(tx: Transaction, settings: Settings): void {
  tx.put(COLLECTION, 'settings', settings);
}

/** Whether a world was ever set up here. */
export function isSetUp(store: Store): boolean {
  return store.find(COLLECTION, 'settings') !== undefined;
}

/** The settings in force. Throws when the world was never set up. */
export function settingsOf(tx: Transaction): Settings {
  return required(tx.get<Settings>(COLLECTION, 'settings'), 'settings');
}

/** Whether a behaviour was turned on. */
export function isSwitchedOn(tx: Transaction, name: Switch): boolean {
  return settingsOf(tx).switches.includes(name);
}

export function writeSecrets(tx: Transaction, secrets: Secrets): void {
  tx.put(COLLECTION, 'secrets', secrets);
}

export function secretsOf(tx: Transaction): Secrets {
  return required(tx.get<Secrets>(COLLECTION, 'secrets'), 'secrets');
}

function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`reading ${name}: the simulated world is not set up`);
  return value;
}
