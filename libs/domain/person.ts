/** Who asked or answered: the token's subject, never a secret. */
export interface Person {
  readonly objectId: string;
  readonly name: string;
}
