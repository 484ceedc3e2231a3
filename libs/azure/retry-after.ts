/** The part of an answer's headers that tells how long to wait. */
export interface HeaderReader {
  get(name: string): string | undefined;
}

/**
 * How long an answer asks to wait, in ms; undefined when it does not say. Azure writes seconds, a date,
 * or milliseconds in headers of its own; a date is measured against the answer's own `Date`.
 */
export function readRetryAfterMs(headers: HeaderReader): number | undefined {
  for (const name of ['retry-after-ms', 'x-ms-retry-after-ms']) {
    const milliseconds = wholeNumber(headers.get(name));
    if (milliseconds !== undefined) return milliseconds;
  }
  const text = headers.get('retry-after');
  const seconds = wholeNumber(text);
  if (seconds !== undefined) return seconds * 1000;
  const until = Date.parse(text ?? '');
  if (Number.isNaN(until)) return undefined;
  const answered = Date.parse(headers.get('date') ?? '');
  return Math.max(0, until - (Number.isNaN(answered) ? Date.now() : answered));
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/u.test(text.trim()) ? Number(text) : undefined;
}
