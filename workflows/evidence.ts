import type { Evidence } from '#libs/domain/events.ts';
import type { EvidenceGrade } from '#libs/domain/evidence-grade.ts';

import type { Done } from './work.ts';

/** What the resource itself was seen to show. */
export const observed = (claim: string, requestId: string): Evidence => ({
  claim,
  grade: 'observed',
  requestId,
});

/** What a proof is worth; one without evidence is none. */
export const gradeOf = (proven: Done | undefined): EvidenceGrade =>
  proven?.evidence?.at(-1)?.grade ?? 'assumed';
