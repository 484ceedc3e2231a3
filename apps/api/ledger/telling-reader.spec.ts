import { expect, it } from 'vitest';
import { StretchTooLong, type LedgerReader } from '#libs/ledger/ledger.ts';
import { tellingReader } from './telling-reader.ts';

const fail = (error: Error) => async () => {
  throw error;
};

const failing = (error: Error): LedgerReader => ({
  read: fail(error),
  readOperation: fail(error),
  verifyChain: fail(error),
  stretch: fail(error),
  close: async () => {},
});

it('says that the ledger cannot be read, and when to try again', async () => {
  const cause = new Error('connect ECONNREFUSED');
  const reading = tellingReader(failing(cause)).read('operation/o-1');
  await expect(reading).rejects.toMatchObject({
    code: 'ledger_unavailable',
    details: { retryAfterSeconds: 5, cause },
  });
});

it('passes on what is no failure of the ledger', async () => {
  const reading = tellingReader(failing(new StretchTooLong(2, 1))).stretch({ operationId: 'o' }, 1);
  await expect(reading).rejects.toThrow(StretchTooLong);
});
