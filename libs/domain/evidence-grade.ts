/** `proven`: a log or audit shows it; `observed`: the resource shows it; `assumed`: a stated limit has passed. */
export type EvidenceGrade = 'proven' | 'observed' | 'assumed';
