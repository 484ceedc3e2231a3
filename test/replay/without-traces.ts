/**
 * A history without the stack traces of its failures: they tell where on somebody's machine the code lay, and
 * no replay reads them. Changes the history that it is given, which comes from a decoder of its own.
 */
export function withoutTraces<T>(part: T): T {
  if (typeof part !== 'object' || part === null || part instanceof Uint8Array) return part;
  if ('stackTrace' in part && typeof part.stackTrace === 'string') part.stackTrace = '';
  for (const member of Object.values(part)) withoutTraces(member);
  return part;
}
