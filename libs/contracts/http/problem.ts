import { z } from 'zod';
import type { RefusalCode } from '#libs/domain/refusal-codes.ts';
import { refusalCodes } from '#libs/domain/refusal-codes.ts';

const codes = Object.keys(refusalCodes) as [RefusalCode, ...RefusalCode[]];

/** One thing wrong with one field of a request. */
export const fieldProblem = z
  .object({
    field: z.string().meta({ description: 'Where, as a path: `key.vaultId`, `workspaces[2]`.' }),
    rule: z
      .string()
      .optional()
      .meta({ description: 'The rule of the Azure service behind it, for example `R6`.' }),
    message: z.string(),
    remedy: z.string(),
  })
  .meta({ id: 'FieldProblem' });

export type FieldProblem = z.infer<typeof fieldProblem>;

/** An answer that is not what was asked for (RFC 9457). Clients may rely on `code`. */
export const problem = z
  .object({
    type: z.string().meta({ description: 'A URI made of the code.' }),
    title: z.string(),
    status: z.int(),
    code: z.enum(codes),
    detail: z.string().meta({ description: 'What is so in this case.' }),
    remedy: z.string().meta({ description: 'What would unblock it.' }),
    problems: z.array(fieldProblem).optional().meta({ description: 'Every problem, at once.' }),
    requestId: z.string().meta({ description: 'Names this request in the logs.' }),
  })
  .meta({ id: 'Problem' });

export type Problem = z.infer<typeof problem>;

/** The media type of a problem. */
export const problemMediaType = 'application/problem+json';
