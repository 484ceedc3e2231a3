import { z } from 'zod';
import type { DomainEvent } from '#libs/domain/events.ts';

/** One event of an operation, as `GET /v1/operations/{id}/events` sends it. */
export const eventView = z
  .object({
    v: z.literal(1),
    stream: z.string(),
    seq: z.int().meta({ description: 'Counts from 1; the id of the server-sent event.' }),
    type: z.string().meta({
      description: 'What happened, in the past tense. Leave aside a type that you do not know.',
    }),
    at: z.string(),
    cluster: z.string().optional().meta({ description: 'Resource id of the cluster.' }),
    operationId: z.string().optional(),
    data: z.record(z.string(), z.unknown()).meta({ description: 'What each type carries.' }),
  })
  .meta({ id: 'OperationEvent' });

export type EventView = z.infer<typeof eventView>;

/** The media type of a stream of server-sent events. */
export const eventStreamMediaType = 'text/event-stream';

/** The type of an operation's last event. */
const lastEvent = 'OperationEnded';

/** Whether no event follows. */
export const isLastEvent = ({ type }: Pick<EventView, 'type'>): boolean => type === lastEvent;

/** An event, as the contract shows it. */
export const toEventView = (event: DomainEvent): EventView => ({
  ...event,
  data: { ...event.data },
});

/** The value of a Last-Event-ID header: the number of the last event that was seen. */
export const lastEventId = z
  .string()
  .regex(/^\d{1,9}$/u, 'must be the id of an event that was sent')
  .transform(Number);
