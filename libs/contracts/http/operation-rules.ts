import type { ServiceRules } from '#libs/domain/service-rules.ts';
import { operationBody, type OperationBody } from './operation-body.ts';
import { checkKey } from './provision-rules.ts';
import { readBy, type Reading } from './reading.ts';

/** Reads the order of an operation: its form, and what the rules of the service say about a key that it names. */
export function readOperationBody(raw: unknown, rules: ServiceRules): Reading<OperationBody> {
  const form = readBy(operationBody, raw);
  if (!form.ok || form.value.kind !== 'replace-key') return form;
  const problems = checkKey(form.value.key, rules);
  return problems.length === 0 ? form : { ok: false, malformed: false, problems };
}
