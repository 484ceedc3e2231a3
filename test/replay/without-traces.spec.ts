import { expect, it } from 'vitest';
import { withoutTraces } from './without-traces.ts';

it('takes the stack traces out of failures and of their causes, and nothing else', () => {
  const trace = 'at somewhere';
  const event = { failure: { message: 'no', stackTrace: trace, cause: { stackTrace: trace } } };
  expect(withoutTraces({ events: [event, { id: 2 }] })).toEqual({
    events: [{ failure: { message: 'no', stackTrace: '', cause: { stackTrace: '' } } }, { id: 2 }],
  });
});
