import { z } from 'zod';

/** Reasons end in an audit trail: long enough to explain, short enough to be read. */
const reason = z.string().min(1, 'must not be empty').max(500, 'must be at most 500 characters');

/** The answer to an accepted request: the operation exists from now on. */
export const ticketView = z
  .object({
    operationId: z.string(),
    location: z.string().meta({ description: 'Where the operation is read.' }),
  })
  .meta({ id: 'Ticket' });

export type TicketView = z.infer<typeof ticketView>;

/** The body of `POST /v1/operations/{id}/approve`: a yes to one plan, and to no other. */
export const approveBody = z
  .strictObject({
    planHash: z.string().regex(/^[0-9a-f]{64}$/u, 'must be the hash of the plan that was read'),
    reason: reason.optional(),
  })
  .meta({ id: 'ApproveBody' });

export type ApproveBody = z.output<typeof approveBody>;

/** The body of `reject`, `resume` and `cancel`. */
export const reasonBody = z.strictObject({ reason: reason.optional() }).meta({ id: 'ReasonBody' });

export type ReasonBody = z.output<typeof reasonBody>;

/** How an operation is named in an address. */
export const operationPath = z.strictObject({
  id: z
    .string()
    .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u, 'must be the id of an operation'),
});
