import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { SimulatorDescription } from './start.ts';

/** The command as a child process, and a client that reaches it by Azure's names. */
export interface SimulatorProcess {
  readonly description: SimulatorDescription;
  /** Asks ARM, as `owner` with a token of its own. Rejects when the connection is cut. */
  arm(method: string, path: string, body?: unknown): Promise<WireReply>;
  control(method: string, path: string, body?: unknown): Promise<unknown>;
  /** Ends the process and resolves with its exit code, null after SIGKILL. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

interface WireReply {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: unknown;
}

const main = join(import.meta.dirname, 'main.ts');

/** Starts `main.ts` with a standing clock on a data folder; resolves when its ready line is there. */
export async function startProcess(
  folder: string,
  flags: string[] = [],
): Promise<SimulatorProcess> {
  const child = spawn(
    process.execPath,
    ['-C', 'development', main, '--data', folder, '--clock', 'manual', ...flags],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = once(child, 'exit') as Promise<[number | null]>;
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const description = JSON.parse(line) as SimulatorDescription;
  const { controlPort } = description;
  let token: string | undefined;
  return {
    description,
    async arm(method, path, body) {
      token ??= await askToken(description);
      const sent = body === undefined ? '' : JSON.stringify(body);
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      return await ask(description, { host: ARM, method, path, headers, body: sent });
    },
    async control(method, path, body) {
      const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
      const reply = await fetch(`http://127.0.0.1:${controlPort}${path}`, init);
      const text = await reply.text();
      return reply.headers.get('content-type')?.startsWith('application/json; ')
        ? (JSON.parse(text) as unknown)
        : text;
    },
    async end(signal) {
      child.kill(signal);
      return (await ended)[0];
    },
  };
}

const ARM = 'management.azure.com';
const LOGIN = 'login.microsoftonline.com';

async function askToken(description: SimulatorDescription): Promise<string> {
  const owner = description.principals.find(({ name }) => name === 'owner');
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: owner?.clientId ?? '',
    client_secret: owner?.clientSecret ?? '',
    scope: `https://${ARM}/.default`,
  });
  const { body } = await ask(description, {
    host: LOGIN,
    method: 'POST',
    path: `/${description.tenantId}/oauth2/v2.0/token`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
  });
  return (body as { access_token: string }).access_token;
}

async function ask(
  { httpsPort, caFile }: SimulatorDescription,
  asked: {
    host: string;
    method: string;
    path: string;
    headers: Record<string, string>;
    body: string;
  },
): Promise<WireReply> {
  const { promise, resolve, reject } = Promise.withResolvers<WireReply>();
  const outgoing = request({
    host: '127.0.0.1',
    port: httpsPort,
    servername: asked.host,
    ca: readFileSync(caFile),
    method: asked.method,
    path: asked.path,
    headers: { host: asked.host, ...asked.headers },
    agent: false,
  });
  outgoing.once('error', reject);
  outgoing.once('response', (incoming) => {
    let text = '';
    incoming.once('error', reject);
    incoming.setEncoding('utf8');
    incoming.on('data', (chunk: string) => (text += chunk));
    incoming.once('end', () =>
      resolve({
        status: incoming.statusCode ?? 0,
        headers: incoming.headers,
        body: text === '' ? undefined : (JSON.parse(text) as unknown),
      }),
    );
  });
  outgoing.end(asked.body);
  return await promise;
}
