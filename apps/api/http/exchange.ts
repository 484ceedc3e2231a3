import type { Caller } from './caller.ts';

/** What Keyturn uses of the platform's request. */
export interface ApiRequest {
  readonly id: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body?: unknown;
  caller?: Caller;
}

/** What Keyturn uses of the platform's response. */
export interface ApiResponse {
  readonly headersSent: boolean;
  setHeader(name: string, value: string): void;
  status(code: number): { send(body: string): void };
}

/** A response that is written piece by piece. */
export interface StreamedResponse {
  writeHead(status: number, headers?: Readonly<Record<string, string>>): { end(): void };
  write(text: string): boolean;
  end(): void;
  /** Told when the answer is complete or the caller has gone. */
  once(event: 'close', listener: () => void): void;
}
