/**
 * Lines of a plain table: a heading in capitals, columns two spaces apart and nothing else, so that a
 * person can read it and `awk` too. An absent value is `-`.
 */
export function drawTable<T>(
  rows: readonly T[],
  columns: Readonly<Record<string, (row: T) => string | number | undefined>>,
): string[] {
  const names = Object.keys(columns);
  const cells = rows.map((row) => Object.values(columns).map((read) => String(read(row) ?? '-')));
  const heading = names.map((name) => name.toUpperCase());
  const widths = names.map((_, column) =>
    Math.max(...[heading, ...cells].map((line) => line[column]?.length ?? 0)),
  );
  return [heading, ...cells].map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** Lines of `name  value`, for one thing; what is absent is left out. */
export function drawFields(
  fields: Readonly<Record<string, string | number | undefined>>,
): string[] {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined);
  const width = Math.max(0, ...present.map(([name]) => name.length));
  return present.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
}
