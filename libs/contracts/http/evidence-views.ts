import { z } from 'zod';

const hash = z.string().regex(/^[0-9a-f]{64}$/u);

/** What is handed out to prove an operation or a period of a cluster without asking Keyturn again. */
export const evidenceView = z
  .object({
    format: z.literal('keyturn-evidence-1'),
    madeAt: z.string(),
    operationId: z.string().optional().meta({ description: 'The operation it is about.' }),
    from: z.string().optional().meta({ description: 'Else: the begin of the period.' }),
    to: z.string().optional().meta({ description: 'The end of the period, not part of it.' }),
    chain: z
      .object({ name: z.string(), length: z.int(), head: hash })
      .meta({ description: 'The chain of the cluster, and where it ended then.' }),
    before: hash.meta({ description: 'The hash before the first link; zeros begin a chain.' }),
    links: z
      .array(
        z.object({
          position: z.int().meta({ description: 'Place in the chain, counted from 1.' }),
          hash: hash.meta({
            description: 'sha256 over the hash before, a line feed and the text of the event.',
          }),
          event: z.string().meta({ description: 'The event as canonical JSON (RFC 8785).' }),
        }),
      )
      .readonly()
      .meta({ description: 'Every event of the chain from the first to the last asked for.' }),
    seal: hash.meta({
      description:
        'sha256 over the JSON of [format, madeAt, operationId, from, to, chain.name, chain.length, chain.head, ' +
        'before, [[position, hash, event], …]], null for what is absent.',
    }),
  })
  .meta({ id: 'Evidence' });

export type EvidenceView = z.infer<typeof evidenceView>;

const instant = z.iso
  .datetime({ offset: true, error: 'must be an instant such as 2026-01-31T00:00:00Z' })
  // Events carry their instants in this one form, so that instants compare as texts.
  .transform((text) => new Date(text).toISOString());

/** The query of a cluster's evidence: a period, whose end is not part of it. */
export const evidenceQuery = z
  .strictObject({ from: instant, to: instant })
  .refine(({ from, to }) => from < to, { path: ['to'], error: 'must be after from' });

export type EvidenceQuery = z.output<typeof evidenceQuery>;

/** A period as it is asked for. */
export type Period = z.input<typeof evidenceQuery>;
