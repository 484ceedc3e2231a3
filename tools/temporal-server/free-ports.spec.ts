import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { findFreePorts } from './free-ports.ts';

describe('findFreePorts', () => {
  it('finds different ports that fit a signed 16-bit number', async () => {
    const ports = await findFreePorts(9);
    expect(new Set(ports).size).toBe(9);
    expect(ports.every((port) => port >= 10_000 && port < 32_768)).toBe(true);
  });

  it('lets them go', async () => {
    const [port] = await findFreePorts(1);
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    await once(server.close(), 'close');
  });

  it('takes the preferred ones where they are free', async () => {
    const preferred = await findFreePorts(2);
    expect(await findFreePorts(2, preferred)).toEqual(preferred);
  });

  it('takes another where a preferred one is taken', async () => {
    const [free = 0, taken = 0] = await findFreePorts(2);
    const server = createServer().listen(taken, '127.0.0.1');
    await once(server, 'listening');
    const ports = await findFreePorts(2, [taken, free]);
    await once(server.close(), 'close');
    expect(ports).toContain(free);
    expect(ports).not.toContain(taken);
  });
});
