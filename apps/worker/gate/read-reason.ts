/**
 * The sentence in what the SDK says of a replay: it wraps the engine's own words into a structure of Rust.
 * Another wording is given back whole.
 */
export function readReason(told: string): string {
  const [, sentence] = /\bmessage: ("(?:[^"\\]|\\.)*")/u.exec(told) ?? [];
  if (sentence === undefined) return told;
  try {
    return String(JSON.parse(sentence));
  } catch {
    return told;
  }
}
