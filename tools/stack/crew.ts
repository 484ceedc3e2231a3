import { describeEnding } from '../processes/child.ts';
import type { Ending } from '../processes/child.ts';

/** A process that runs until it is told to stop. */
export interface Member {
  readonly name: string;
  readonly ended: Promise<Ending>;
  stop(): Promise<unknown>;
}

/** Processes that stand and fall together: the first that ends unasked is reported. */
export class Crew {
  /** Settles with the reason when a member has ended although nobody asked it to. */
  readonly broken: Promise<Error>;
  readonly #members: Member[] = [];
  readonly #report: (reason: Error) => void;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<Error>();
    this.broken = promise;
    this.#report = resolve;
  }

  /** Takes a process in; from now on its end is everybody's. */
  async add(member: Member): Promise<void> {
    this.#members.push(member);
    const ending = await member.ended;
    if (this.#members.includes(member))
      this.#report(new Error(`the ${member.name} ended ${describeEnding(ending)}`));
  }

  /** Lets a process go: it may end now. */
  dismiss(member: Member): void {
    const place = this.#members.indexOf(member);
    if (place !== -1) this.#members.splice(place, 1);
  }

  /** Stops everybody, the last to come first, one after the other. */
  async stop(): Promise<void> {
    for (let member = this.#members.pop(); member !== undefined; member = this.#members.pop())
      await member.stop();
  }
}
