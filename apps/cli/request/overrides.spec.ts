import { describe, expect, it } from 'vitest';
import { withOverrides } from './overrides.ts';

describe('overrides', () => {
  it('write over members and make new ones, and leave the request as it was', () => {
    const request = { cluster: { name: 'a', resourceGroup: 'g' } };
    expect(withOverrides(request, ['cluster.name=b', 'key.source=use'])).toEqual({
      cluster: { name: 'b', resourceGroup: 'g' },
      key: { source: 'use' },
    });
    expect(request.cluster.name).toBe('a');
  });

  it('read values as YAML', () => {
    const overrides = ['capacityGbPerDay=1000', 'doubleEncryption=false', 'workspaces=[a, b]'];
    expect(withOverrides({}, overrides)).toEqual({
      capacityGbPerDay: 1000,
      doubleEncryption: false,
      workspaces: ['a', 'b'],
    });
  });

  it('keep what stands behind the first equals sign whole', () => {
    expect(withOverrides({}, ['tags.query=a=b'])).toEqual({ tags: { query: 'a=b' } });
  });

  it.each(['name', '=x', 'a..b=1', 'a[0]=1', '__proto__.x=1'])('refuse %s', (override) => {
    expect(() => withOverrides({}, [override])).toThrow('names no member and value');
  });

  it('never reach what every object has', () => {
    withOverrides({}, ['constructor.prototype.polluted=1']);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it('refuse a value that is no YAML', () => {
    expect(() => withOverrides({}, ['a=[1'])).toThrow('--set a=[1:');
  });
});
