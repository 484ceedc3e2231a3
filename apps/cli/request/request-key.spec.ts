import { describe, expect, it } from 'vitest';
import { openMemory } from '../session/memory.ts';
import { chooseKey } from './request-key.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const newMemory = () => openMemory(temporaryFolder());

describe('the key of a request', () => {
  it('is the same for the same request, however it is written', () => {
    const memory = newMemory();
    const key = chooseKey({ a: 1, b: 2 }, {}, memory);
    expect(chooseKey({ b: 2, a: 1 }, {}, memory)).toBe(key);
    expect(chooseKey({ a: 1, b: 3 }, {}, memory)).not.toBe(key);
  });

  it('is what the caller says', () => {
    expect(chooseKey({ a: 1 }, { key: 'mine', again: true }, newMemory())).toBe('mine');
  });

  it('is new when the request is made again, and the same from then on', () => {
    const memory = newMemory();
    const first = chooseKey({ a: 1 }, {}, memory);
    const second = chooseKey({ a: 1 }, { again: true }, memory);
    expect(second).not.toBe(first);
    expect(chooseKey({ a: 1 }, {}, memory)).toBe(second);
    expect(chooseKey({ a: 1 }, { again: true }, memory)).not.toBe(second);
  });

  it('is one that the API takes', () => {
    expect(chooseKey({}, { again: true }, newMemory())).toMatch(/^[\u0021-\u007e]{1,255}$/u);
  });
});
