import type { AddressInfo } from 'node:net';
import { createApplication } from './application.ts';
import { readConfig } from './config.ts';

const config = readConfig();
const app = await createApplication(config);
// On a signal: no new connections, requests in flight are answered, the Temporal connection closes last.
app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
await app.listen(config.port, config.host);
const { port } = app.getHttpServer().address() as AddressInfo;
// The one line on standard output, for the program that started us; logs go to standard error.
process.stdout.write(`${JSON.stringify({ ready: true, port })}\n`);
