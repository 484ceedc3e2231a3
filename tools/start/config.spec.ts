import { describe, expect, it } from 'vitest';
import { checkEnvironment } from './config.ts';

const complete = { TEMPORAL_ADDRESS: 'temporal:7233', KEYTURN_TENANT_ID: 'tenant' };

describe('checkEnvironment', () => {
  it('hands on everything, with one namespace for both processes', () => {
    expect(checkEnvironment({ ...complete, AZURE_CLIENT_ID: 'id' })).toEqual({
      ...complete,
      AZURE_CLIENT_ID: 'id',
      TEMPORAL_NAMESPACE: 'keyturn',
    });
  });

  it('keeps a namespace that is chosen', () => {
    const chosen = checkEnvironment({ ...complete, TEMPORAL_NAMESPACE: 'prod' });
    expect(chosen['TEMPORAL_NAMESPACE']).toBe('prod');
  });

  it('names everything that is missing in one sentence', () => {
    expect(() => checkEnvironment({})).toThrow(
      'npm start needs TEMPORAL_ADDRESS (host:port of the Temporal frontend) and ' +
        'KEYTURN_TENANT_ID (the Entra tenant whose tokens the API takes); ' +
        'for a trial without either, use npm run stack.',
    );
  });

  it.each(['KEYTURN_SIMULATOR', 'KEYTURN_VIRTUAL_TIME'])('refuses %s', (name) => {
    expect(() => checkEnvironment({ ...complete, [name]: 'x' })).toThrow('unset KEYTURN_SIMULATOR');
  });
});
