/** What an earlier step has left; its absence is a bug in the order of steps. */
export function needed<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`missing ${what}`);
  return value;
}
