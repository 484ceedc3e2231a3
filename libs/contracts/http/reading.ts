import type { z } from 'zod';
import type { FieldProblem } from './problem.ts';

/** What a request turned out to be: a value, or everything that is wrong with it. */
export type Reading<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      /** Whether the form is wrong (400), not merely what it asks for (422). */
      readonly malformed: boolean;
      readonly problems: readonly FieldProblem[];
    };

/** What to say about a field whatever is wrong with it. */
export interface FieldGuide {
  readonly rule?: string;
  readonly remedy: string;
}

/** Guides by path, with `[]` for any place in a list: `workspaces[]`. */
export type FieldGuides = Readonly<Record<string, FieldGuide>>;

/** Reads unknown data by a schema; every problem at once. */
export function readBy<S extends z.ZodType>(
  schema: S,
  raw: unknown,
  guides: FieldGuides = {},
): Reading<z.output<S>> {
  const result = schema.safeParse(raw, { error: issueText });
  if (result.success) return { ok: true, value: result.data };
  const problems = result.error.issues.flatMap((issue) => toFieldProblems(issue, guides));
  return { ok: false, malformed: true, problems };
}

/** Azure ignores members it does not know, which turns a slip into a missing value (R56). */
const unknownMember: FieldGuide = {
  rule: 'R56',
  remedy: 'Remove it, or correct its spelling.',
};

function toFieldProblems(issue: z.core.$ZodIssue, guides: FieldGuides): FieldProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      field: pathText([...issue.path, key]),
      message: 'is not a member of this request',
      ...unknownMember,
    }));
  }
  const field = pathText(issue.path);
  const fallback: FieldGuide = { remedy: 'Correct the value.' };
  const guide = guides[field.replaceAll(/\[\d+\]/gu, '[]')] ?? fallback;
  return [{ field, message: issue.message, ...guide }];
}

/** `key.vaultId`, `workspaces[2]`; the request itself is `(body)`. */
function pathText(path: readonly PropertyKey[]): string {
  if (path.length === 0) return '(body)';
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./u, '');
}

const kindTexts: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
  record: 'an object of texts',
};

function issueText(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type') {
    if (issue.input === undefined) return 'is missing';
    return `must be ${kindTexts[issue.expected] ?? issue.expected}`;
  }
  if (issue.code === 'invalid_value' || issue.code === 'invalid_union') {
    if (issue.input === undefined) return 'is missing';
  }
  if (issue.code === 'invalid_value') return `must be ${issue.values.map(String).join(' or ')}`;
  return undefined;
}
