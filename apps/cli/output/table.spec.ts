import { describe, expect, it } from 'vitest';
import { drawFields, drawTable } from './table.ts';

describe('a table', () => {
  it('has a heading, columns by the widest cell, and a mark for what is absent', () => {
    const rows = [{ name: 'logs-prod', count: 3 }, { name: 'a' }];
    const lines = drawTable<{ name: string; count?: number }>(rows, {
      name: (row) => row.name,
      count: (row) => row.count,
      end: () => 'x',
    });
    expect(lines).toEqual(['NAME       COUNT  END', 'logs-prod  3      x', 'a          -      x']);
  });

  it('is its heading when there is nothing', () => {
    expect(drawTable<string>([], { name: (row) => row })).toEqual(['NAME']);
  });
});

describe('fields', () => {
  it('leave out what is absent', () => {
    expect(drawFields({ state: 'running', plan: undefined, id: 7 })).toEqual([
      'state  running',
      'id     7',
    ]);
  });
});
