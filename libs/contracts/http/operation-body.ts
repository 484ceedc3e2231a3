import { z } from 'zod';

const planOnly = z.boolean().default(false).meta({ description: 'End after the plan.' });
const acceptPlan = z
  .string()
  .regex(/^[0-9a-f]{64}$/u, 'must be the hash of a plan')
  .optional()
  .meta({ description: 'The hash of a plan seen before; another plan stops and asks.' });

/** The body of `POST /v1/clusters/{…}/operations`, by kind. Provisioning has an address of its own. */
export const operationBody = z
  .discriminatedUnion(
    'kind',
    [
      z
        .strictObject({ kind: z.literal('inspect'), planOnly, acceptPlan })
        .meta({ description: 'Reads a cluster that Keyturn looks after, and changes nothing.' }),
      z.strictObject({ kind: z.literal('adopt'), planOnly, acceptPlan }).meta({
        description: 'Reads a cluster that somebody else made, and looks after it from now on.',
      }),
    ],
    { error: 'must be inspect or adopt' },
  )
  .meta({ id: 'OperationBody' });

export type OperationBody = z.output<typeof operationBody>;
export type OperationBodyInput = z.input<typeof operationBody>;
