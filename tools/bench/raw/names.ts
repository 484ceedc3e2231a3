/** What the raw measure's client, worker and workflows agree on. */
export const raw = {
  taskQueue: 'bench-raw',
  entity: 'rawEntity',
  ask: 'ask',
} as const;
