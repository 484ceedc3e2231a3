import { expect, test } from 'vitest';
import { misfit } from './body-shape.ts';

const shape = {
  name: 'text',
  size: 'number',
  tags: 'texts',
  items: [{ on: 'flag' }],
} as const;

test('what is absent, null or unknown fits', () => {
  expect(misfit({}, shape)).toBeUndefined();
  expect(misfit({ name: null, items: [], other: 1 }, shape)).toBeUndefined();
  expect(misfit({ name: 'a', size: 0, tags: { b: 'c' }, items: [{ on: true }] }, shape)).toBe(
    undefined,
  );
});

test('a misfit is told by its path', () => {
  expect(misfit([], shape)).toBe('');
  expect(misfit({ name: 1 }, shape)).toBe('name');
  expect(misfit({ size: Number.NaN }, shape)).toBe('size');
  expect(misfit({ tags: { b: 2 } }, shape)).toBe('tags.b');
  expect(misfit({ items: [{ on: true }, { on: 'yes' }] }, shape)).toBe('items[1].on');
  expect(misfit({ items: [null] }, shape)).toBe('items[0]');
});

test('members that every object has are not taken for sent ones', () => {
  const inherited = Object.fromEntries([['constructor', 'text' as const]]);
  expect(misfit({}, inherited)).toBeUndefined();
});
