import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { serviceOf } from './hosts.ts';

/**
 * An HTTP CONNECT proxy that maps exactly the Azure names to the simulator and refuses every other host at once:
 * whoever is pointed at it cannot reach the internet by mistake.
 */
export function createProxy(target: { httpsPort: number }): {
  server: Server;
  closeConnections(): void;
} {
  const open = new Set<Socket>();
  const keep = (socket: Socket): void => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    socket.once('error', () => socket.destroy());
  };
  const server = createServer((_request, response) => {
    response.writeHead(403, { 'content-type': 'text/plain' });
    response.end('this proxy tunnels to simulated Azure hosts only\n');
  });
  server.on('connect', (request, client: Socket, head) => {
    keep(client);
    if (!isAzure(request.url ?? '')) {
      client.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      return;
    }
    const upstream = connect(target.httpsPort, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      if (head.length > 0) upstream.write(head);
      upstream.pipe(client);
      client.pipe(upstream);
    });
    keep(upstream);
    upstream.once('close', () => client.destroy());
    client.once('close', () => upstream.destroy());
  });
  return {
    server,
    closeConnections: () => {
      for (const socket of open) socket.destroy();
    },
  };
}

/** Whether `host:port` is an Azure name at the HTTPS port. */
function isAzure(authority: string): boolean {
  const [host = '', port] = authority.split(':');
  return port === '443' && serviceOf(host) !== undefined;
}
