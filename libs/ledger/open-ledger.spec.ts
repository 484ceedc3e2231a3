import { describe, expect, it } from 'vitest';
import { isDatabaseUrl } from './open-ledger.ts';

describe('the place of a ledger', () => {
  it.each(['postgres://db/keyturn', 'postgresql://u:p@db:5432/keyturn'])(
    '%s is a database',
    (place) => {
      expect(isDatabaseUrl(place)).toBe(true);
    },
  );

  it.each(['.data/ledger.db', '/data/postgres.db', 'postgres/ledger.db'])(
    '%s is a file',
    (place) => {
      expect(isDatabaseUrl(place)).toBe(false);
    },
  );
});
