import { Injectable } from '@nestjs/common';
import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { z } from 'zod';
import { operationBody } from '#libs/contracts/http/operation-body.ts';
import { readOperationBody } from '#libs/contracts/http/operation-rules.ts';
import { provisionBody } from '#libs/contracts/http/provision-body.ts';
import { readProvisionRequest } from '#libs/contracts/http/provision-rules.ts';
import { readBy, type Reading } from '#libs/contracts/http/reading.ts';
import type { ServiceRules } from '#libs/domain/service-rules.ts';
import { Refused } from './refused.ts';

/** Reads every parameter that names a schema by it, and refuses with all problems at once. */
@Injectable()
export class ContractPipe implements PipeTransform {
  constructor(private readonly rules: ServiceRules) {}

  transform(value: unknown, { schema, type }: ArgumentMetadata): unknown {
    if (!(schema instanceof z.ZodType)) return value;
    // A POST without a body says the same as one with an empty object.
    const raw = type === 'body' ? (value ?? {}) : value;
    const reading = this.read(schema, raw);
    if (reading.ok) return reading.value;
    const { problems, malformed } = reading;
    const reason = problems.map(({ field, message }) => `${field} ${message}`).join('; ');
    throw new Refused({ code: 'invalid_request', reason }, { problems, malformed });
  }

  private read(schema: z.ZodType, raw: unknown): Reading<unknown> {
    if (schema === provisionBody) return readProvisionRequest(raw, this.rules);
    if (schema === operationBody) return readOperationBody(raw, this.rules);
    return readBy(schema, raw);
  }
}
