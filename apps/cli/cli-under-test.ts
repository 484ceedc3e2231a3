import { join } from 'node:path';
import pc from 'picocolors';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import type { Environment } from './config.ts';
import type { ExitCode } from './exit-codes.ts';
import { exitCodes } from './exit-codes.ts';
import type { Terminal } from './output/terminal.ts';
import { runProgram } from './program.ts';
import { openTokenCache } from './session/token-cache.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** What an API of a test was asked. */
export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: unknown;
}

export const testIssuer = 'https://login.microsoftonline.com/tenant/v2.0';

/** Answers of an API in turn, or an error in place of one. */
type Scripted = Response | Error;

interface Setting {
  readonly answers?: readonly Scripted[];
  readonly environment?: Partial<Environment>;
  readonly isInteractive?: boolean;
  readonly isLoggedIn?: boolean;
  /** What a person types when asked, or what is piped in. */
  readonly input?: string;
  /** Ctrl-C, once this many lines are printed. */
  readonly interruptAfter?: number;
}

/** A command line without a process: what it prints, says and asks is kept. */
export function cliUnderTest(setting: Setting = {}) {
  const folder = temporaryFolder();
  const asked: Asked[] = [];
  const printed: string[] = [];
  const talked: string[] = [];
  const left = [...(setting.answers ?? [])];
  const environment: Environment = {
    tenant: 'tenant',
    clientId: 'client',
    configFolder: join(folder, 'config'),
    stateFolder: join(folder, 'state'),
    ...setting.environment,
  };
  const send: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const body = readBody(await request.text());
    asked.push({
      method: request.method,
      url: new URL(request.url),
      headers: request.headers,
      body,
    });
    const answer = left.shift();
    if (answer === undefined) throw new Error('asking once more than expected');
    if (answer instanceof Error) throw answer;
    return answer;
  };
  if (setting.isLoggedIn !== false) {
    const who = [testIssuer, 'client', 'api://keyturn/.default'];
    const token = { accessToken: 'kept-token', expiresAt: Date.now() + 3_600_000 };
    openTokenCache(environment.configFolder).write(who, token);
  }
  const terminal = terminalOf(setting, { printed, talked });
  const run = async (...args: readonly string[]): Promise<ExitCode> =>
    runProgram(args, { terminal, environment, fetch: send, exitCode: exitCodes.succeeded });
  return { run, asked, printed, talked, environment };
}

/** JSON, a form, or nothing. */
function readBody(text: string): unknown {
  if (text === '') return undefined;
  return text.startsWith('{') ? JSON.parse(text) : Object.fromEntries(new URLSearchParams(text));
}

function terminalOf(
  { isInteractive = false, input = '', interruptAfter = Infinity }: Setting,
  { printed, talked }: { printed: string[]; talked: string[] },
): Terminal {
  const plain = pc.createColors(false);
  const interruption = new AbortController();
  return {
    print: (...lines) => {
      printed.push(...lines);
      if (printed.length >= interruptAfter) interruption.abort();
    },
    talk: (...lines) => void talked.push(...lines),
    colours: { print: plain, talk: plain },
    isInteractive,
    ask: () => Promise.resolve(input),
    askSecret: () => Promise.resolve(input),
    readInput: () => input,
    interruption: () => interruption.signal,
  };
}

export const operationId = '00000000-0000-4000-8000-000000000001';
export const planHash = 'a'.repeat(64);

/** An operation as the API shows it. */
export const operation = (changes: Partial<OperationView> = {}): OperationView => ({
  id: operationId,
  kind: 'provision',
  cluster:
    '/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/clusters/logs-prod',
  state: 'running',
  steps: [{ name: 'vault', title: 'Vault kv', target: 'kv', state: 'running' }],
  findings: [],
  requestedBy: { objectId: 'ada', name: 'Ada' },
  requestedAt: '2026-01-01T00:00:00.000Z',
  seq: 1,
  ...changes,
});

export const plan: NonNullable<OperationView['plan']> = {
  hash: planHash,
  steps: [{ name: 'vault', title: 'Vault kv', target: 'kv', effect: 'create' }],
  findings: [],
  cost: { commitmentGbPerDay: 500, lockDays: 31 },
  losses: [],
  rulePack: 'current',
};

/** The operation at its end. */
export const ended = (
  result: NonNullable<OperationView['outcome']>['result'],
  changes: Partial<OperationView> = {},
): OperationView =>
  operation({
    state: result,
    seq: 9,
    outcome: {
      result,
      summary: `it is ${result}`,
      findings: changes.findings ?? [],
      evidence: [],
    },
    ...changes,
  });

/** The stream of an operation's events, which ends after the last of these. */
export const events = (...seqs: readonly number[]): Response =>
  new Response(
    seqs
      .map((seq) => ({ v: 1, stream: 'o', seq, type: 'StepStarted', at: '', data: {} }))
      .map((event) => `id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`)
      .join(''),
    { headers: { 'content-type': 'text/event-stream' } },
  );

/** The answer to an accepted request. */
export const ticket = (): Response =>
  Response.json({ operationId, location: `/v1/operations/${operationId}` }, { status: 202 });

/** An answer that is no, as the API says it. */
export const problem = (status: number, code: string, rest: object = {}): Response =>
  Response.json(
    {
      type: `urn:keyturn:problem:${code}`,
      title: 'No',
      status,
      code,
      detail: 'why',
      remedy: 'do this',
      requestId: 'r-1',
      ...rest,
    },
    { status, headers: { 'content-type': 'application/problem+json' } },
  );
