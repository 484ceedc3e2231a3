import { describe, expect, it } from 'vitest';
import { openMemory } from './memory.ts';
import { temporaryFolder } from '../temporary-folder.ts';

describe('the memory', () => {
  it('holds the last operation of each API, for the commands after', () => {
    const folder = temporaryFolder();
    openMemory(folder).rememberOperation('http://a', 'o1');
    openMemory(folder).rememberOperation('http://b', 'o2');
    openMemory(folder).rememberOperation('http://a', 'o3');
    expect(openMemory(folder).lastOperation('http://a')).toBe('o3');
    expect(openMemory(folder).lastOperation('http://b')).toBe('o2');
    expect(openMemory(folder).lastOperation('http://c')).toBeUndefined();
  });

  it('holds a hundred keys, the latest of them', () => {
    const memory = openMemory(temporaryFolder());
    for (let index = 0; index <= 100; index += 1) memory.rememberKey(`h${index}`, `k${index}`);
    expect(memory.keyFor('h0')).toBeUndefined();
    expect(memory.keyFor('h1')).toBe('k1');
    expect(memory.keyFor('h100')).toBe('k100');
  });
});
