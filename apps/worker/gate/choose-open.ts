import type { OpenWorkflow } from '#libs/temporal/open-workflows.ts';

/** Entities live for ever and are many: a sample of them shows what all of them do. */
const entityTypes: readonly string[] = ['cluster'];
const sampledEntities = 200;

/** What of the open work is replayed: every operation, and of the entities a sample over all their ages. */
export function chooseOpen(
  open: readonly OpenWorkflow[],
  sampleSize = sampledEntities,
): OpenWorkflow[] {
  const isEntity = ({ type }: OpenWorkflow) => entityTypes.includes(type);
  const entities = open.filter(isEntity);
  // The list is in order of age; code of all times has written to the oldest.
  const stride = Math.max(1, entities.length / sampleSize);
  const sample = Array.from(
    { length: Math.min(sampleSize, entities.length) },
    (_, index) => entities[Math.floor(index * stride)],
  );
  const chosen = sample.filter((entity) => entity !== undefined);
  return [...open.filter((each) => !isEntity(each)), ...chosen];
}
