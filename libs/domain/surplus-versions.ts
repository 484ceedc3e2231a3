import type { Finding } from './findings.ts';

/** Versions of a key that Azure made though it was asked for one: nothing uses them, and nothing removes them. */
export const surplusFindings = (kids: readonly string[]): Finding[] =>
  kids.map((target) => ({
    code: 'surplus_key_version',
    severity: 'warning',
    rule: 'R24',
    reason: 'Azure made this key version beside the one it was asked for',
    remedy: 'Disable it: no cluster is bound to it.',
    target,
  }));
