/** What fetch throws when nobody answers, with what is to be said of it: who, and why. */
export class Unreachable extends TypeError {
  readonly remedy = 'Check the address, and repeat; the same request is not done twice.';

  constructor(name: string, reason: string) {
    super(`${name} cannot be reached: ${reason}`);
    this.name = 'Unreachable';
  }
}
