import { expect, it } from 'vitest';

import { blockerOf, knownError } from './service-errors.ts';

it.each([
  [
    400,
    'Operation cannot be executed now. Wait for the Async operation to complete and try again.',
    'busy',
  ],
  [409, 'Workspace link or unlink operation in process.', 'busy'],
  [
    400,
    'Failed to validate key in Key Vault. Could be due to lack of permissions or when key doesn’t exist.',
    'key-not-validated',
  ],
  [
    400,
    'Key is not recoverable. Key Vault must be set to Soft-delete and Purge-protection.',
    'refused',
  ],
  [400, "westeurope doesn't support Double Encryption for clusters.", 'refused'],
  [400, 'westeurope doesn’t support Double Encryption for clusters.', 'refused'],
])('knows %i "%s" as %s', (status, message, meaning) => {
  expect(knownError(status, message)?.meaning).toBe(meaning);
});

it('does not know words under another status', () => {
  expect(knownError(500, 'Key is not recoverable.')).toBeUndefined();
});

it('turns a known error into a blocker with rule and remedy', () => {
  const known = knownError(400, 'Key is not recoverable.');
  expect(known && blockerOf(known, 'vault')).toMatchObject({
    code: 'key_not_recoverable',
    severity: 'blocker',
    rule: 'R113',
    target: 'vault',
  });
});
