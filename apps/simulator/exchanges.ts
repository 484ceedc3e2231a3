import { closeSync, createReadStream, openSync, statSync, writeSync } from 'node:fs';
import { Readable } from 'node:stream';
import { cutTornTail } from './torn-tail.ts';

/** One request and its answer, as the control interface tells it. */
export interface Exchange {
  method: string;
  /** Absolute, with the host asked for and the query as sent. */
  url: string;
  requestHeaders: Record<string, string>;
  requestBody: string;
  /** 0 when no answer was sent. */
  status: number;
  responseHeaders: Record<string, string>;
  responseBody: string;
  /** Name of the caller, or null before it was known. */
  principal: string | null;
  /** Simulated time, ISO 8601. */
  at: string;
  effects: string[];
  fault: string | null;
  /** Set when no route fits: the simulator may be missing something. */
  unimplemented?: true;
}

const MASK = '***';
const secretFields =
  /^(client_secret|client_assertion|password|refresh_token|code|code_verifier|device_code|assertion)$/iu;
/** Token answers, and the private members of an imported key. */
const secretMembers =
  /("(?:access_token|refresh_token|id_token|client_secret|device_code|d|p|q|dp|dq|qi|k)"\s*:\s*")[^"]*/gu;

/** The record of every exchange: a file of JSON lines, tokens and secrets masked. */
export class ExchangeLog {
  readonly #path: string;
  readonly #file: number;

  constructor(path: string) {
    cutTornTail(path);
    this.#path = path;
    this.#file = openSync(path, 'a');
  }

  append(exchange: Exchange): void {
    writeSync(this.#file, `${JSON.stringify(masked(exchange))}\n`);
  }

  /** Everything recorded until now. */
  read(): Readable {
    const { size } = statSync(this.#path);
    // A stream cannot end before its first byte, which may be written until it is opened.
    return size === 0 ? Readable.from([]) : createReadStream(this.#path, { end: size - 1 });
  }

  close(): void {
    closeSync(this.#file);
  }
}

function masked(exchange: Exchange): Exchange {
  const requestHeaders = { ...exchange.requestHeaders };
  if (requestHeaders['authorization'] !== undefined) {
    const scheme = requestHeaders['authorization'].split(' ', 1)[0] ?? '';
    requestHeaders['authorization'] = `${scheme} ${MASK}`;
  }
  const form = /x-www-form-urlencoded/iu.test(requestHeaders['content-type'] ?? '');
  return {
    ...exchange,
    requestHeaders,
    responseHeaders: maskLocation(exchange.responseHeaders),
    requestBody: form ? maskForm(exchange.requestBody) : maskMembers(exchange.requestBody),
    responseBody: maskMembers(exchange.responseBody),
  };
}

/** A redirect that brings a code back to a program. */
function maskLocation(headers: Record<string, string>): Record<string, string> {
  const { location } = headers;
  if (location === undefined) return headers;
  return { ...headers, location: location.replace(/([?#&]code=)[^&]*/u, `$1${MASK}`) };
}

function maskForm(body: string): string {
  const form = new URLSearchParams(body);
  for (const name of form.keys()) {
    if (secretFields.test(name)) form.set(name, MASK);
  }
  return form.toString();
}

function maskMembers(body: string): string {
  return body.replaceAll(secretMembers, `$1${MASK}`);
}
