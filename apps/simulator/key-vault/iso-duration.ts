const PATTERN = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?$/;

/** Adds an ISO 8601 duration of whole days (`P2Y`, `P90D`) to an instant; undefined when it is not one. */
export function addDuration(instantMs: number, duration: string, sign: 1 | -1 = 1) {
  const parts = PATTERN.exec(duration)
    ?.slice(1)
    .map((part) => Number(part ?? 0));
  if (parts === undefined || parts.every((part) => part === 0)) return undefined;
  const [years = 0, months = 0, weeks = 0, days = 0] = parts;
  const date = new Date(instantMs);
  date.setUTCFullYear(date.getUTCFullYear() + sign * years);
  date.setUTCMonth(date.getUTCMonth() + sign * months);
  date.setUTCDate(date.getUTCDate() + sign * (weeks * 7 + days));
  return date.getTime();
}

/** The length of a duration in days, counted from a fixed day; undefined when it is not a duration. */
export function daysOf(duration: string): number | undefined {
  const start = Date.UTC(2026, 0, 1);
  const end = addDuration(start, duration);
  return end === undefined ? undefined : (end - start) / 86_400_000;
}
