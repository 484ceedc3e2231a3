import { setTimeout } from 'node:timers/promises';
import type { ProvisionBodyInput } from '#libs/contracts/http/provision-body.ts';
import type { Stack } from '../stack/stack.ts';
import { plantFault, readExchanges } from '../stack/simulator-control.ts';

const lookEveryMs = 50;

/** A request to Azure at which the worker is killed: Azure has done it, and nobody hears the answer. */
export interface Blow {
  /** What the request does, in words. */
  readonly title: string;
  readonly method: string;
  /** Regular expression over path and query. */
  readonly path: string;
}

/** A kill as it went; epoch ms. */
export interface Kill {
  readonly title: string;
  readonly killedAt: number;
  readonly workerBackAt: number;
}

/** Told as it happens. */
export interface KillNews {
  readonly killed?: (blow: Blow) => void;
  readonly back?: (kill: Kill) => void;
}

/** The three requests of a provision that Azure would do twice if they were simply sent again, in their order. */
export function blowsOn(body: ProvisionBodyInput): readonly Blow[] {
  const [linked = 'none'] = (body.workspaces ?? []).slice(-1);
  return [
    { title: 'the creation of the key', method: 'POST', path: `/keys/${body.key.name}/create\\?` },
    {
      title: 'the PUT of the cluster',
      method: 'PUT',
      path: `/clusters/${body.cluster.name}\\?`,
    },
    { title: 'the PUT of a link', method: 'PUT', path: `${linked}/linkedServices/cluster\\?` },
  ];
}

/**
 * Kills the worker (SIGKILL) at each of the requests in turn, once it has taken effect and while its answer
 * is still awaited, and starts it again.
 * @throws AbortError when `signal` is aborted before the last of them has come
 */
export async function killAt(
  stack: Pick<Stack, 'simulator' | 'worker'>,
  blows: readonly Blow[],
  { signal, ...news }: KillNews & { signal?: AbortSignal },
): Promise<Kill[]> {
  const { simulator, worker } = stack;
  for (const { method, path } of blows) {
    const action = { kind: 'hang', when: 'after' } as const;
    // A request without a token is only Key Vault's challenge, so the caller is named.
    await plantFault(simulator, { method, path, principal: 'keyturn', count: 1, action });
  }
  const kills: Kill[] = [];
  for (const blow of blows) {
    await untilStruck(stack, blow, signal);
    const killedAt = Date.now();
    await worker.kill();
    news.killed?.(blow);
    await worker.start();
    const kill = { title: blow.title, killedAt, workerBackAt: Date.now() };
    kills.push(kill);
    news.back?.(kill);
  }
  return kills;
}

async function untilStruck(
  { simulator }: Pick<Stack, 'simulator'>,
  { method, path }: Blow,
  signal: AbortSignal | undefined,
): Promise<void> {
  const pattern = new RegExp(path, 'iu');
  for (;;) {
    const exchanges = await readExchanges(simulator);
    const isStruck = exchanges.some(
      (exchange) =>
        exchange.method === method && exchange.fault === 'hang after' && pattern.test(exchange.url),
    );
    if (isStruck) return;
    await setTimeout(lookEveryMs, undefined, signal === undefined ? {} : { signal });
  }
}
