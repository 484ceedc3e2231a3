import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server } from 'node:net';

/** Below 32768: Temporal keeps ports in a signed 16-bit column, and systems lend higher ones to clients. */
const lowest = 10_000;
const beyond = 32_768;

/**
 * Finds free loopback ports, all different, the preferred ones where they are free. They are held until the
 * last is found and then let go, so another process may still take one first: whoever uses them tries again.
 */
export async function findFreePorts(
  count: number,
  preferred: readonly number[] = [],
): Promise<number[]> {
  const wishes = [...preferred];
  const held: Server[] = [];
  try {
    while (held.length < count) {
      const server = await hold(wishes.shift() ?? randomInt(lowest, beyond));
      if (server !== undefined) held.push(server);
    }
    return held.map(portOf);
  } finally {
    await Promise.all(held.map(async (server) => once(server.close(), 'close')));
  }
}

async function hold(port: number): Promise<Server | undefined> {
  const server = createServer();
  try {
    server.listen({ port, host: '127.0.0.1', exclusive: true });
    await once(server, 'listening');
    return server;
  } catch {
    return undefined;
  }
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error('finding free ports: a held port has no number');
  return address.port;
}
