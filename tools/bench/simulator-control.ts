import type { SimulatorFile } from '#libs/dial/dial.ts';

/**
 * Has every request to Resource Manager answered with "too many, come back in an hour". Returns what
 * ends it.
 */
export async function holdAzure(
  simulator: Pick<SimulatorFile, 'controlPort'>,
): Promise<() => Promise<void>> {
  const action = { kind: 'status', status: 429, code: 'TooManyRequests', retryAfter: 3600 };
  await ask(simulator, 'POST', { host: 'management.azure.com', action });
  return async () => ask(simulator, 'DELETE');
}

async function ask(
  { controlPort }: Pick<SimulatorFile, 'controlPort'>,
  method: 'POST' | 'DELETE',
  body?: object,
): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${controlPort}/faults`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`holding Azure off: ${await response.text()}`);
}
