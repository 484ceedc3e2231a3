/**
 * The way to a local simulator under Azure's own names: clients keep their real URLs, certificates are
 * checked against the simulator's authority, and only the TCP connection ends somewhere else.
 */
import { readFileSync } from 'node:fs';
import type { ClientRequestArgs } from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { Agent as Undici, buildConnector, fetch as undiciFetch } from 'undici';
import { z } from 'zod';

const principalSchema = z.object({
  name: z.string(),
  clientId: z.string(),
  clientSecret: z.string(),
  objectId: z.string(),
  roles: z.array(z.string()),
});

const logIngestionSchema = z.object({
  endpoint: z.string(),
  ruleId: z.string(),
  streamName: z.string(),
  table: z.string(),
});

const simulatorFileSchema = z.object({
  httpsPort: z.number().int(),
  proxyPort: z.number().int(),
  controlPort: z.number().int(),
  caFile: z.string(),
  tenantId: z.string(),
  subscriptionId: z.string(),
  resourceGroup: z.string(),
  location: z.string(),
  /** Where the simulator takes records, if anywhere. */
  logIngestion: logIngestionSchema.optional(),
  principals: z.array(principalSchema),
});

/** What a running simulator says of itself, in `simulator.json` and on its first line. */
export type SimulatorFile = z.infer<typeof simulatorFileSchema>;

/** Two ways to the same place: an agent for the Azure SDKs, a fetch for everything else. */
export interface Dial {
  agent: https.Agent;
  fetch: typeof fetch;
}

type Connected = (error: Error | null, socket: Duplex) => void;

const loopback = '127.0.0.1';

/** Reads `simulator.json`; throws when the file is absent or is none. */
export function readSimulatorFile(path: string): SimulatorFile {
  return parseSimulatorFile(readFileSync(path, 'utf8'));
}

/** Reads the text of `simulator.json` or of the simulator's ready line; throws when it is none. */
export function parseSimulatorFile(text: string): SimulatorFile {
  return simulatorFileSchema.parse(JSON.parse(text));
}

/**
 * A dial that ends at the simulator for every name it serves. Any other name is refused before a
 * connection is made, so that a test or demo cannot reach the real cloud by mistake.
 */
export function createDial(file: Pick<SimulatorFile, 'httpsPort' | 'caFile'>): Dial {
  const ca = readFileSync(file.caFile, 'utf8');
  return { agent: new DialAgent(file.httpsPort, ca), fetch: dialFetch(file.httpsPort, ca) };
}

/** Whether the simulator answers for a host name. */
export function isServed(host: string): boolean {
  const name = host.toLowerCase();
  return (
    name === 'management.azure.com' ||
    name === 'login.microsoftonline.com' ||
    name === 'api.loganalytics.io' ||
    name === 'api.loganalytics.azure.com' ||
    /^[a-z0-9-]+\.vault\.azure\.net$/u.test(name) ||
    /^[a-z0-9-]+\.[a-z0-9-]+\.ingest\.monitor\.azure\.com$/u.test(name)
  );
}

function refusal(host: string): Error {
  return Object.assign(new Error(`dialling ${host}: the simulator does not serve this name`), {
    code: 'ERR_NAME_NOT_SERVED',
  });
}

class DialAgent extends https.Agent {
  readonly #port: number;

  constructor(port: number, ca: string) {
    super({ ca, keepAlive: true });
    this.#port = port;
  }

  override createConnection(
    options: ClientRequestArgs & { servername?: string },
    connected?: Connected,
  ): Duplex | null | undefined {
    const host = options.host ?? '';
    if (!isServed(host)) {
      // By callback: thrown errors would escape from a freed socket's event when connections queue.
      (connected as ((error: Error) => void) | undefined)?.(refusal(host));
      return undefined;
    }
    const servername = options.servername ?? host;
    return super.createConnection(
      { ...options, host: loopback, port: this.#port, servername },
      connected,
    );
  }
}

function dialFetch(port: number, ca: string): typeof fetch {
  const connect = buildConnector({ ca });
  const dispatcher = new Undici({
    connect: (options, connected) => {
      if (!isServed(options.hostname)) {
        connected(refusal(options.hostname), null);
        return;
      }
      const servername = options.servername ?? options.hostname;
      const there = { hostname: loopback, host: loopback, port: String(port), servername };
      connect({ ...options, ...there }, connected);
    },
  });
  // The package's fetch and Node's are one interface under two names of types.
  const fetchThrough = undiciFetch as unknown as (
    input: Parameters<typeof fetch>[0],
    init: object,
  ) => Promise<Response>;
  return (input, init) => fetchThrough(input, { ...init, dispatcher });
}
