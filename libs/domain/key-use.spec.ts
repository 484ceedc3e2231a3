import { assert, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';

import { judgeUses, quietMs, shownEvidence, unprovenFinding, type KeyUse } from './key-use.ts';

const boundAt = Date.parse('2026-03-01T00:00:00Z');
const [from, to] = ['a'.repeat(32), 'b'.repeat(32)];
const succession = { from, to, boundAt };
const minute = 60_000;

const use = (version: string, afterMs: number, rest: Partial<KeyUse> = {}): KeyUse => ({
  version,
  granted: true,
  count: 3,
  lastAt: new Date(boundAt + afterMs).toISOString(),
  ...rest,
});

const stateOf = (...uses: KeyUse[]) => judgeUses(succession, { uses }).state;

describe('the use of a new version is', () => {
  it('proven when it was heard for minutes in which the old one was silent', () => {
    const verdict = judgeUses(succession, { uses: [use(from, minute), use(to, 10 * minute)] });
    expect(verdict).toMatchObject({ state: 'proven' });
    const claim = verdict.state === 'proven' ? verdict.claim : '';
    expect(claim).toContain(`3 unwraps of the cluster with version ${to} until 2026-03-01T00:10`);
    expect(claim).toContain(`none with ${from} since 2026-03-01T00:01`);
  });

  it('proven without a word of the old one where there was none, or it is the same', () => {
    for (const before of ['', to.toUpperCase()]) {
      const verdict = judgeUses({ ...succession, from: before }, { uses: [use(to, 10 * minute)] });
      expect(verdict).toMatchObject({
        state: 'proven',
        claim: expect.not.stringContaining('none'),
      });
    }
  });

  it.each([
    ['nothing is heard of it', []],
    ['it was only refused', [use(to, 10 * minute, { granted: false })]],
    ['what is heard of it is older than the bind', [use(to, -1)]],
    ['the log does not reach far enough yet', [use(to, quietMs - 1)]],
    ['the old one was heard lately', [use(from, 9 * minute), use(to, 10 * minute)]],
  ])('open while %s', (_, uses) => {
    expect(stateOf(...uses)).toBe('open');
  });

  it('not to be known where the audit cannot be read', () => {
    expect(judgeUses(succession, { unread: 'no such table' })).toEqual({
      state: 'unread',
      reason: 'no such table',
    });
  });

  it('never proven by an old version that is heard as late as the new one', () => {
    const instants = integer({ min: 0, max: 24 * 60 * minute });
    assert(
      property(instants, instants, (ofNew, later) => {
        expect(stateOf(use(to, ofNew), use(from, ofNew + later))).toBe('open');
      }),
    );
  });
});

describe('what is not proven is told', () => {
  it('as the old version in use when that was heard, else as an audit that is silent', () => {
    const codeOf = (...uses: KeyUse[]) => {
      const verdict = judgeUses(succession, { uses });
      return verdict.state === 'proven' ? 'proven' : unprovenFinding(verdict, 'clu').code;
    };
    expect(codeOf(use(from, minute))).toBe('old_version_in_use');
    expect(codeOf()).toBe('audit_silent');
    expect(unprovenFinding({ state: 'unread', reason: 'r' }, 'clu')).toMatchObject({
      code: 'audit_silent',
      reason: 'r',
    });
  });

  it('by what the cluster shows, or as a stated limit where it shows no version', () => {
    const seen = { mode: 'automatic', version: to } as const;
    expect(shownEvidence({ ...seen, shown: '' }, 'req').grade).toBe('assumed');
    expect(shownEvidence({ ...seen, shown: to }, 'req').grade).toBe('observed');
  });
});
