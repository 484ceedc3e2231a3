import { z } from 'zod';
import { findingView } from './operation-views.ts';

/** The query of `GET /v1/discovery`. */
export const discoveryQuery = z.strictObject({
  subscription: z
    .string({ error: 'must be named' })
    .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu, 'must be the id of a subscription'),
});

export type DiscoveryQuery = z.output<typeof discoveryQuery>;

/** The clusters of a subscription as Azure shows them, whoever made them. */
export const discoveryView = z
  .object({
    state: z
      .enum(['running', 'done'])
      .meta({ description: '`running`: Azure is still being read; ask again.' }),
    at: z.string().optional().meta({ description: 'When Azure was read.' }),
    clusters: z
      .array(
        z.object({
          id: z.string().meta({ description: 'Resource id.' }),
          isKnown: z.boolean().meta({ description: 'Whether Keyturn looks after it.' }),
          region: z.string(),
          capacityGbPerDay: z.number(),
          principalId: z.string().optional(),
          key: z.object({ kid: z.string(), mode: z.enum(['explicit', 'automatic']) }).optional(),
          linkedWorkspaces: z.int(),
          findings: z.object({ top: z.array(findingView).readonly(), count: z.int() }),
        }),
      )
      .readonly(),
  })
  .meta({ id: 'Discovery' });

export type DiscoveryView = z.infer<typeof discoveryView>;
