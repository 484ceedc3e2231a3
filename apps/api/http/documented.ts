import { applyDecorators } from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiResponse } from '@nestjs/swagger';
import type { z } from 'zod';
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
