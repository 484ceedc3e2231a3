import type { Store, Transaction } from './store.ts';

/** Which year's limits and messages are in force. */
export type RulesName = 'current' | '2021';

/** What the command line decides for the whole simulated world. */
export interface Settings {
  readonly rules: RulesName;
  /** Running answers carry Retry-After with the time left. */
  readonly retryAfter: boolean;
  /** Divisor of the durations of Azure's own work. */
  readonly pace: number;
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
