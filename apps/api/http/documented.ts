import { applyDecorators } from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiProduces, ApiResponse } from '@nestjs/swagger';
import type { z } from 'zod';
import { eventStreamMediaType, eventView } from '#libs/contracts/http/event-views.ts';
import { problem } from '#libs/contracts/http/problem.ts';

/** What a route answers when it does not answer with what was asked for. */
export const AnswersProblems = () =>
  applyDecorators(
    ApiBearerAuth(),
    ApiResponse({ status: '4XX', description: 'Refused.', standardSchema: problem }),
    ApiResponse({
      status: '5XX',
      description: 'Not answered; Retry-After says when to repeat.',
      standardSchema: problem,
    }),
  );

/** A route that answers with server-sent events, and can be resumed. */
export const AnswersEvents = () =>
  applyDecorators(
    ApiHeader({
      name: 'Last-Event-ID',
      required: false,
      description: 'The id of the last event that was seen: the stream goes on after it.',
    }),
    ApiProduces(eventStreamMediaType),
    ApiResponse({
      status: 200,
      description:
        'Server-sent events whose ids are their `seq` and whose data are these, in order, the first one first. ' +
        'The stream ends after `OperationEnded`; ended before, it is to be resumed.',
      standardSchema: eventView,
    }),
    ApiResponse({ status: 204, description: 'Nothing comes after the event that was named.' }),
  );

/** A route that changes something: repeated under its key it is done once. */
export const NeedsRequestKey = (description: string, answer: z.ZodType, status = 202) =>
  applyDecorators(
    ApiHeader({
      name: 'Idempotency-Key',
      required: true,
      description: 'Names the request; repeating key and body repeats the answer, not the work.',
    }),
    ApiResponse({ status, description, standardSchema: answer }),
  );
