import { describe, expect, it } from 'vitest';
import { checkEnvironment, forOwnTemporal } from './config.ts';

const complete = { TEMPORAL_ADDRESS: 'temporal:7233', KEYTURN_TENANT_ID: 'tenant' };

describe('checkEnvironment', () => {
  it('hands on everything, with one namespace for both processes', () => {
    expect(checkEnvironment({ ...complete, AZURE_CLIENT_ID: 'id' }, false)).toEqual({
      ...complete,
      AZURE_CLIENT_ID: 'id',
      TEMPORAL_NAMESPACE: 'keyturn',
    });
  });

  it('keeps a namespace that is chosen', () => {
    const chosen = checkEnvironment({ ...complete, TEMPORAL_NAMESPACE: 'prod' }, false);
    expect(chosen['TEMPORAL_NAMESPACE']).toBe('prod');
  });

  it('needs no address when a Temporal can be started', () => {
    const { KEYTURN_TENANT_ID } = complete;
    expect(checkEnvironment({ KEYTURN_TENANT_ID }, true)).toMatchObject({ KEYTURN_TENANT_ID });
    expect(() => checkEnvironment({}, true)).toThrow(
      'npm start needs KEYTURN_TENANT_ID (the Entra tenant whose tokens the API takes);',
    );
  });

  it('names everything that is missing in one sentence', () => {
    expect(() => checkEnvironment({}, false)).toThrow(
      'npm start needs TEMPORAL_ADDRESS (host:port of the Temporal frontend) ' +
        'or `temporal` 1.9 or later on the PATH, and ' +
        'KEYTURN_TENANT_ID (the Entra tenant whose tokens the API takes); ' +
        'for a trial without either, use npm run stack.',
    );
  });

  it.each(['KEYTURN_SIMULATOR', 'KEYTURN_VIRTUAL_TIME'])('refuses %s', (name) => {
    expect(() => checkEnvironment({ ...complete, [name]: 'x' }, false)).toThrow(
      'unset KEYTURN_SIMULATOR',
    );
  });
});

describe('forOwnTemporal', () => {
  it('leaves aside how another Temporal would be reached', () => {
    const shell = { PATH: '/bin', TEMPORAL_API_KEY: 'k', TEMPORAL_NAMESPACE: 'prod' };
    expect(forOwnTemporal(shell, '127.0.0.1:1')).toEqual({
      PATH: '/bin',
      TEMPORAL_ADDRESS: '127.0.0.1:1',
      TEMPORAL_NAMESPACE: 'prod',
    });
  });
});
