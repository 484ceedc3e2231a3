import { z } from 'zod';

/** Rows of a page when the caller names no number, and the most that may be asked for. */
const defaultLimit = 50;
const maximumLimit = 200;

/** Members of every list's query. */
export const pageQuery = {
  cursor: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,2000}$/u, 'must be a cursor that a page before has given')
    .optional()
    .meta({ description: '`next` of the page before.' }),
  limit: z.coerce
    .number({ error: 'must be a whole number' })
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .max(maximumLimit, `must be at most ${maximumLimit}`)
    .default(defaultLimit),
};

/** A page of something: `next` is absent on the last. */
export const pageOf = <S extends z.ZodType>(item: S) =>
  z.object({
    items: z.array(item).readonly(),
    next: z.string().optional().meta({ description: 'Send it as `cursor` for the next page.' }),
  });
