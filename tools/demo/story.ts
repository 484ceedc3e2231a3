import type { Client } from '#libs/client/client.ts';
import type { Stack, StackOptions } from '../stack/stack.ts';
import type { Stage } from './stage.ts';

/** What a story has to work with. */
export interface Telling {
  readonly stack: Stack;
  /** The API as the simulator's operator. */
  readonly client: Client;
  readonly stage: Stage;
  /** Ends the telling when the demo is asked to stop. */
  readonly signal: AbortSignal;
}

/** A told demonstration: what it does is real, and what it claims is looked up. */
export interface Story {
  readonly name: string;
  readonly title: string;
  /** How its stack differs from the usual one. */
  readonly stack?: Pick<
    StackOptions,
    'pace' | 'virtualTime' | 'canPassTime' | 'rules' | 'auditWorkspace'
  >;
  /** Tells it; true when all of it held. */
  tell(telling: Telling): Promise<boolean>;
}
