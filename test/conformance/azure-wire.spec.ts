/** What the wire under all SDK clients owes its callers: an end to every call, and an honest account of it. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { AzureError } from '#libs/azure/azure-error.ts';
import type { StubAnswer } from '../support/azure-stub.ts';
import {
  arm,
  callNamed,
  cluster,
  clusterBody,
  clusterId,
  inTurn,
  operation,
  operationUrl,
  resourceGroup as group,
  type StubbedAzure,
  startStubbedAzure,
  subscriptionId,
} from '../support/stubbed-azure.ts';

const call = callNamed('mine');
const key = { vaultUri: 'https://kv1.vault.azure.net', keyName: 'cmk', keyVersion: '' };
const found = (): StubAnswer => ({ status: 200, body: clusterBody('Succeeded') });
let extra: Record<string, string> = {};
let stubbed: StubbedAzure;
beforeEach(async () => {
  stubbed = await startStubbedAzure({ extraHeaders: () => extra });
});
afterEach(() => stubbed.stop());
const deadlineMs = 500;
/** A deadline to be waited for, with a token at hand so that it is spent on the request. */
const hasty = async () => {
  stubbed.script.read ??= found;
  await stubbed.azure.clusters.read(cluster, call);
  stubbed.requests.length = 0;
  return stubbed.azureWithin(deadlineMs);
};
const thrownBy = async (work: Promise<unknown>) =>
  (await work.catch((error: unknown) => error)) as AzureError;

describe('a call ends', () => {
  test('by its deadline, when Azure is silent', async () => {
    stubbed.script.write = () => 'hang';
    const azure = await hasty();
    const error = await thrownBy(azure.clusters.bindKey(cluster, key, call));
    expect(error).toMatchObject({ kind: 'timeout', sent: true });
  });

  test('by its deadline, when Entra is silent, and a late token sends nothing', async () => {
    const late = Promise.withResolvers<undefined>();
    stubbed.script = { token: () => late.promise, read: found };
    const bound = stubbed.azureWithin(deadlineMs).clusters.bindKey(cluster, key, call);
    expect(await thrownBy(bound)).toMatchObject({ kind: 'timeout', sent: false });
    const read = stubbed.azure.clusters.read(cluster, call);
    late.resolve(undefined);
    await read;
    expect(stubbed.requests.map(({ method }) => method)).toEqual(['GET']);
  });

  test('by the caller, told apart from the deadline', async () => {
    const caller = new AbortController();
    const asked = Promise.withResolvers<void>();
    stubbed.script.write = () => {
      asked.resolve();
      return 'hang';
    };
    const bound = stubbed.azure.clusters.bindKey(cluster, key, { ...call, signal: caller.signal });
    const thrown = thrownBy(bound);
    await asked.promise;
    caller.abort();
    expect(await thrown).toMatchObject({ kind: 'cancelled', sent: true });
  });

  test('at once, when the caller had ended it before', async () => {
    const signal = AbortSignal.abort();
    const error = await thrownBy(stubbed.azure.clusters.read(cluster, { ...call, signal }));
    expect(error).toMatchObject({ kind: 'cancelled', sent: false });
    expect(stubbed.requests).toHaveLength(0);
  });

  test('with nothing left on the signal of a caller who makes many calls', async () => {
    const caller = new AbortController();
    stubbed.script.read = found;
    let listening = 0;
    const { signal } = caller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listening += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listening -= 1;
      remove(...args);
    };
    await stubbed.azure.clusters.read(cluster, { ...call, signal });
    expect(listening).toBe(0);
  });
});

describe('a request', () => {
  test.each([500, 503, 429, 408])('answered %s is sent once only', async (status) => {
    stubbed.script.write = () => ({ status, headers: { 'retry-after': '0' } });
    const error = await thrownBy(stubbed.azure.clusters.bindKey(cluster, key, call));
    expect(error).toMatchObject({ kind: 'answer', status, retryAfterMs: 0 });
    expect(stubbed.requests).toHaveLength(1);
  });

  test('whose answer is lost is sent once only, and may have arrived', async () => {
    stubbed.script.write = () => 'reset';
    const error = await thrownBy(stubbed.azure.clusters.bindKey(cluster, key, call));
    expect(error).toMatchObject({ kind: 'network', code: 'ECONNRESET', sent: true });
    expect(stubbed.requests).toHaveLength(1);
  });

  test('that finds no server did not arrive', async () => {
    stubbed.script.read = found;
    await stubbed.azure.clusters.read(cluster, call);
    await stubbed.stop();
    const error = await thrownBy(stubbed.azure.clusters.bindKey(cluster, key, call));
    expect(error).toMatchObject({ kind: 'network', code: 'ECONNREFUSED', sent: false });
  });

  test('carries the id of its call and the further headers of the moment', async () => {
    stubbed.script = { read: found, poll: () => operation('InProgress') };
    extra = { 'x-simulated-time': '1' };
    await stubbed.azure.clusters.read(cluster, call);
    extra = { 'x-simulated-time': '2' };
    await stubbed.azure.longOperation(operationUrl, callNamed('other'));
    const seen = stubbed.requests.map(({ headers }) => [
      headers['x-ms-client-request-id'],
      headers['x-simulated-time'],
    ]);
    expect(seen).toEqual([
      ['mine', '1'],
      ['other', '2'],
    ]);
  });

  test('whose answer is torn is a matter of the network', async () => {
    stubbed.script.poll = () => ({ status: 200, text: '{"status":"Succ' });
    const error = await thrownBy(stubbed.azure.longOperation(operationUrl, call));
    expect(error).toMatchObject({ kind: 'network', code: 'PARSE_ERROR', sent: true });
    stubbed.script.read = () => ({ status: 200, text: '{"id":"/subscr' });
    const torn = await thrownBy(stubbed.azure.clusters.read(cluster, call));
    expect(torn).toMatchObject({ kind: 'network', code: 'PARSE_ERROR', sent: true });
  });
});

describe('absence', () => {
  test.each(['ResourceNotFound', 'ResourceGroupNotFound', 'NotFound'])(
    '%s is a value',
    async (code) => {
      stubbed.script.read = () => ({ status: 404, body: { error: { code } } });
      const seen = await stubbed.azure.clusters.read(cluster, call);
      expect(seen).toEqual({ value: undefined, requestId: 'stub-request' });
    },
  );

  test('a subscription that is not there is an error', async () => {
    stubbed.script.read = () => ({
      status: 404,
      body: { error: { code: 'SubscriptionNotFound' } },
    });
    const error = await thrownBy(stubbed.azure.clusters.read(cluster, call));
    expect(error).toMatchObject({ kind: 'answer', status: 404, code: 'SubscriptionNotFound' });
  });
});

describe('a credential', () => {
  const refusal = {
    error: 'invalid_client',
    error_description: 'AADSTS7000215: Invalid client secret provided.',
    error_codes: [7_000_215],
  };
  test.each<[string, StubAnswer, string]>([
    ['refused', { status: 401, body: refusal }, 'credential'],
    ['not asked, the connection being cut', 'reset', 'credential-outage'],
    ['not served for now', { status: 503, body: { error: 'x' } }, 'credential-outage'],
    ['failed within Entra', { status: 500, text: 'oops' }, 'credential-outage'],
    ['throttled', { status: 429, body: { error: 'x' } }, 'credential-outage'],
    [
      'told to come back',
      {
        status: 400,
        body: {
          error: 'temporarily_unavailable',
          error_description: 'AADSTS90033: A transient error.',
        },
      },
      'credential-outage',
    ],
  ])('%s is told apart', async (_, token, kind) => {
    stubbed.script.token = () => token;
    const error = await thrownBy(stubbed.azure.clusters.read(cluster, call));
    expect(error).toMatchObject({ kind, sent: false });
    expect(stubbed.requests).toHaveLength(0);
    expect(JSON.stringify([error, error.message, error.stack])).not.toContain('hidden-secret');
  });

  test('is the same for who we are', async () => {
    stubbed.script.token = () => ({ status: 401, body: refusal });
    const error = await thrownBy(stubbed.azure.self());
    expect(error).toMatchObject({ kind: 'credential', code: 'AADSTS7000215' });
  });

  test('says who we are', async () => {
    expect(await stubbed.azure.self()).toBe('stub-object');
    expect(await stubbed.azure.tenantId()).toBe('stub-tenant');
  });
});

describe('a token goes nowhere else', () => {
  const elsewhere = 'https://stolen.vault.azure.net/operationstatuses/op-1';

  test('the SDK: an operation URL is followed to any host, token attached', async () => {
    stubbed.script = {
      write: () => ({ status: 202, headers: { 'azure-asyncoperation': elsewhere } }),
      poll: () => operation('Failed'),
    };
    const update = async () => stubbed.raw.clusters.update(group, 'cluster-1', {});
    await thrownBy(update());
    const stolen = stubbed.requests.find(({ host }) => host === 'stolen.vault.azure.net');
    expect(stolen?.headers.authorization).toMatch(/^Bearer /u);
  });

  test.each([
    elsewhere,
    'https://management.azure.com@stolen.vault.azure.net/x',
    'https://management.azure.com.stolen.vault.azure.net/x',
    'http://management.azure.com/x',
    '//stolen.vault.azure.net/x',
    'no address',
  ])('ours: %s is refused before anything is sent', async (url) => {
    const error = await thrownBy(stubbed.azure.longOperation(url, call));
    expect(error).toMatchObject({ name: 'AzureError', code: 'ForeignHost', sent: false });
    expect(stubbed.requests).toHaveLength(0);
  });

  test('ours: neither to a next page nor to where a redirect points', async () => {
    stubbed.script.read = inTurn(
      { status: 200, body: { value: [clusterBody('Succeeded')], nextLink: elsewhere } },
      { status: 307, headers: { location: elsewhere } },
    );
    const paged = await thrownBy(stubbed.azure.clusters.list(subscriptionId, call));
    expect(paged.code).toBe('ForeignHost');
    const redirected = await thrownBy(stubbed.azure.clusters.list(subscriptionId, call));
    expect(redirected).toMatchObject({ kind: 'answer', status: 307 });
    expect(stubbed.requests.filter(({ host }) => host !== 'management.azure.com')).toEqual([]);
  });
});

describe('the second page of a list', () => {
  const first = {
    status: 200,
    body: { value: [clusterBody('Succeeded')], nextLink: `${arm}${clusterId}?page=2` },
  };
  const ids = () => stubbed.requests.map(({ headers }) => headers['x-ms-client-request-id']);

  test('the SDK: it is asked without the headers of the call', async () => {
    stubbed.script.read = inTurn(first, { status: 200, body: { value: [] } });
    const headers = { 'x-ms-client-request-id': 'mine' };
    const pages = stubbed.raw.clusters.list({ requestOptions: { headers } });
    for await (const { id } of pages) expect(id).toBe(clusterId);
    expect(ids().map((id) => id === 'mine')).toEqual([true, false]);
  });

  test('ours: it carries the id of the call, and its deadline', async () => {
    const azure = await hasty();
    stubbed.script.read = inTurn(first, 'hang');
    const error = await thrownBy(azure.clusters.list(subscriptionId, call));
    expect(error).toMatchObject({ kind: 'timeout', sent: true });
    expect(ids()).toEqual(['mine', 'mine']);
    await vi.waitUntil(() => stubbed.abandoned() === 1);
  });
});
