import { describe, expect, it } from 'vitest';
import type { Caller } from '../http/caller.ts';
import { readRequestKey } from '../http/request-key.ts';
import { answerIdOf, operationIdOf, updateIdOf } from './request-ids.ts';

const caller = (objectId: string, tenantId = 't1'): Caller => ({
  tenantId,
  until: 0,
  person: { objectId, name: 'Ada' },
  granted: [],
});
const requestKey = (key: string, body: unknown = {}) =>
  readRequestKey({ headers: { 'idempotency-key': key }, body });

describe('the id of a request', () => {
  it('is the same for the same tenant, caller and key, whatever the name or body', () => {
    const again = { ...caller('a'), person: { objectId: 'a', name: 'Ada Lovelace' } };
    expect(updateIdOf(again, requestKey('k', { x: 1 }))).toBe(
      updateIdOf(caller('a'), requestKey('k')),
    );
  });

  it('differs between tenants, callers and keys, also when their texts run together', () => {
    const ids = [
      updateIdOf(caller('a', 't1'), requestKey('k')),
      updateIdOf(caller('a', 't2'), requestKey('k')),
      updateIdOf(caller('ak'), requestKey('x')),
      updateIdOf(caller('a'), requestKey('kx')),
    ];
    expect(new Set(ids).size).toBe(4);
  });

  it('of an answer differs by action and body, so that no reject is answered by an approve', () => {
    const ids = [
      answerIdOf(caller('a'), requestKey('k'), 'approve'),
      answerIdOf(caller('a'), requestKey('k'), 'reject'),
      answerIdOf(caller('a'), requestKey('k', { reason: 'x' }), 'approve'),
    ];
    expect(new Set(ids).size).toBe(3);
  });
});

describe('the id of an operation', () => {
  it('is a UUID of version 5 made of entity and request', () => {
    const id = operationIdOf('cluster/s/g/n', 'update');
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/u);
    expect(operationIdOf('cluster/s/g/n', 'update')).toBe(id);
    expect(operationIdOf('cluster/s/g/m', 'update')).not.toBe(id);
  });
});

describe('the key of a request', () => {
  it('has a body hash that order and white space do not change', () => {
    const text = '{ "b": 1.0, "a": [1, {"y": 2, "x": 3}] }';
    const other = { a: [1, { x: 3, y: 2 }], b: 1 };
    expect(requestKey('k', JSON.parse(text)).bodyHash).toBe(requestKey('k', other).bodyHash);
  });

  it('has another body hash for another value', () => {
    expect(requestKey('k', { a: 1 }).bodyHash).not.toBe(requestKey('k', { a: 2 }).bodyHash);
  });

  it.each([[undefined], [''], ['two words'], ['ü'], ['x'.repeat(256)]])(
    'is missing when the header is %j',
    (header) => {
      const request = { headers: { 'idempotency-key': header }, body: {} };
      expect(() => readRequestKey(request)).toThrow('an Idempotency-Key');
    },
  );
});
