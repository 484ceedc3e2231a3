/** The control listener of a simulator: what one may do to the simulated Azure from outside. */
import type { SimulatorFile } from '#libs/dial/dial.ts';

type Simulator = Pick<SimulatorFile, 'controlPort'>;

/** Which requests a fault meets; absent members match everything, `path` is a regular expression. */
export interface FaultRule {
  readonly host?: string;
  readonly method?: string;
  readonly path?: string;
  /** Name of the caller. */
  readonly principal?: string;
  /** Regular expression over the caller's own id of the request. */
  readonly clientRequestId?: string;
  /** The first matching request that it meets, from 1; 1 when absent. */
  readonly nth?: number;
  /** To how many requests; to all of them when absent. */
  readonly count?: number;
  readonly action:
    | {
        readonly kind: 'status';
        readonly status: number;
        readonly code?: string;
        readonly message?: string;
        /** Seconds. */
        readonly retryAfter?: number;
      }
    | { readonly kind: 'delay'; readonly ms: number }
    /** Held back until the rule is deleted; `after`: its answer alone. */
    | { readonly kind: 'hold'; readonly when?: 'before' | 'after' }
    /** The connection is cut, before or after it has taken effect. */
    | { readonly kind: 'reset'; readonly when: 'before' | 'after' }
    /** It arrives twice; the second answer is sent. */
    | { readonly kind: 'duplicate' }
    /** Never answered; `after`: though it has taken effect. */
    | { readonly kind: 'hang'; readonly when?: 'before' | 'after' }
    /** The record of the long operation that begins lags behind its resource. */
    | { readonly kind: 'stuck' }
    | { readonly kind: 'record-late'; readonly seconds: number };
}

/** One request to the simulated Azure and its answer. */
export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly status: number;
  readonly principal: string | null;
  /** Simulated time, ISO 8601. */
  readonly at: string;
  /** What it changed, in the simulator's words. */
  readonly effects: readonly string[];
  readonly fault: string | null;
}

/** Asks the control listener. @throws when it says no */
export async function askControl(
  { controlPort }: Simulator,
  route: string,
  body?: object,
): Promise<Response> {
  const [method = 'GET', path = '/'] = route.split(' ');
  const answer = await fetch(`http://127.0.0.1:${controlPort}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`asking ${route}: ${answer.status} ${await answer.text()}`);
  return answer;
}

/** Plants a fault; answers what takes it away again. */
export async function plantFault(
  simulator: Simulator,
  rule: FaultRule,
): Promise<() => Promise<void>> {
  const answer = await askControl(simulator, 'POST /faults', rule);
  const { id } = (await answer.json()) as { id: string };
  return async () => {
    await askControl(simulator, `DELETE /faults?id=${id}`);
  };
}

/** Has Resource Manager refuse every request for an hour; answers what ends that. */
export const holdAzure = async (simulator: Simulator): Promise<() => Promise<void>> =>
  plantFault(simulator, {
    host: 'management.azure.com',
    action: { kind: 'status', status: 429, code: 'TooManyRequests', retryAfter: 3600 },
  });

/** Everything that reached Azure so far, in order. */
export async function readExchanges(simulator: Simulator): Promise<Exchange[]> {
  const text = await (await askControl(simulator, 'GET /exchanges')).text();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Exchange);
}
