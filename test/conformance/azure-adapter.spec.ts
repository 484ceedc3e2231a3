/**
 * The eight traps of the official SDKs, each shown by running it, and that libs/azure does not pass it
 * on. A stub speaks each answer word for word; azure-simulator.spec.ts meets the simulator instead.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
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

const workspace = { subscriptionId, resourceGroup: group, name: 'workspace-1' };
const key = { vaultUri: 'https://kv1.vault.azure.net', keyName: 'cmk', keyVersion: '' };
const patch = { keyVaultProperties: { keyVaultUri: key.vaultUri, keyName: 'cmk', keyVersion: '' } };
const resultUrl = `${arm}${clusterId}/operationresults/op-1?api-version=2025-07-01`;
const accepted = (headers: Record<string, string> = {}): StubAnswer => ({ status: 202, headers });
const signed = { 'azure-asyncoperation': operationUrl };
const call = callNamed('operation-1/3/1');

let stubbed: StubbedAzure;
beforeEach(async () => {
  stubbed = await startStubbedAzure();
});
afterEach(() => stubbed.stop());

/** The SDK's own way: start and follow to the end. */
const updateBySdk = async () =>
  stubbed.raw.clusters.update(group, 'cluster-1', patch, { updateIntervalInMs: 1 });

describe('trap 1, a poller that is a promise', () => {
  beforeEach(() => {
    stubbed.script = {
      write: () => accepted(signed),
      poll: inTurn(operation('InProgress'), operation('InProgress'), operation('Succeeded')),
      read: () => ({ status: 200, body: clusterBody('Succeeded') }),
    };
  });

  test('the SDK: returning it from a function waits for the whole operation', async () => {
    await updateBySdk();
    expect(stubbed.sentTo('operationstatuses')).toHaveLength(3);
  });

  test('ours: a start is one request and gives the URL as Azure wrote it', async () => {
    const started = await stubbed.azure.clusters.bindKey(cluster, key, call);
    expect(started).toEqual({ accepted: true, operationUrl, requestId: 'stub-request' });
    expect(stubbed.requests).toHaveLength(1);
  });
});

describe('trap 2, 202 without any header', () => {
  test('the SDK: success at once, while the resource is updating', async () => {
    stubbed.script = { write: () => ({ status: 202, body: clusterBody('Updating') }) };
    const result = await updateBySdk();
    expect(result.provisioningState).toBe('Updating');
  });

  test('the SDK: a TypeError where the body is empty, though the write was accepted', async () => {
    stubbed.script = { write: () => accepted() };
    await expect(updateBySdk()).rejects.toBeInstanceOf(TypeError);
  });

  test.each([
    ['a body', { status: 202, body: clusterBody('Updating') }],
    ['no body', accepted()],
  ])('ours: with %s it is accepted, and nothing more is claimed', async (_, answered) => {
    stubbed.script = {
      write: () => answered,
      read: () => ({ status: 200, body: clusterBody('Updating') }),
    };
    const started = await stubbed.azure.clusters.bindKey(cluster, key, call);
    expect(started).toEqual({ accepted: true, requestId: 'stub-request' });
    const { value } = await stubbed.azure.clusters.read(cluster, call);
    expect(value?.provisioningState).toBe('Updating');
  });
});

describe('trap 3, a failed operation', () => {
  const failure = { code: 'BadRequest', message: 'Failed to validate key.' };
  beforeEach(() => {
    stubbed.script = {
      write: () => accepted(signed),
      poll: () => operation('Failed', { error: failure }),
    };
  });

  test('the SDK: a plain error without code, status or details', async () => {
    const error = await updateBySdk().catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ name: 'Error', message: expect.stringContaining('BadRequest') });
    expect(error).not.toHaveProperty('code');
    expect(error).not.toHaveProperty('statusCode');
    expect(error).not.toHaveProperty('details');
  });

  test('ours: code and message are told apart', async () => {
    expect(await stubbed.azure.longOperation(operationUrl, call)).toEqual({
      state: 'failed',
      status: 'Failed',
      ...failure,
      requestId: 'stub-request',
    });
  });
});

describe('trap 4, the status operation of the SDK', () => {
  const failure = { code: 'BadRequest', message: 'Failed to validate key.' };
  beforeEach(() => {
    stubbed.script = { poll: () => operation('Failed', { error: failure }) };
  });

  test('the SDK: it loses the error and the signed query', async () => {
    const status = await stubbed.raw.operationStatuses.get('westeurope', 'op-1');
    expect(JSON.stringify(status.error)).toBe('{}');
    expect(stubbed.requests[0]?.url).not.toContain('&s=');
    expect(stubbed.requests[0]?.url).toContain('api-version=2025-07-01');
  });

  test('ours: the URL is asked byte for byte', async () => {
    const status = await stubbed.azure.longOperation(operationUrl, call);
    expect(`${arm}${stubbed.requests[0]?.url}`).toBe(operationUrl);
    expect(status).toMatchObject(failure);
  });
});

describe('trap 5, one lost poll', () => {
  beforeEach(() => {
    stubbed.script = {
      write: () => accepted(signed),
      poll: inTurn({ status: 500 }, operation('Succeeded')),
      read: () => ({ status: 200, body: clusterBody('Succeeded') }),
    };
  });

  test('the SDK: the poller has failed for ever, and says so when it is kept', async () => {
    const poller = stubbed.raw.clusters.update(group, 'cluster-1', patch);
    await poller.submitted();
    await expect(poller.poll()).rejects.toThrow();
    await expect(poller.pollUntilDone()).rejects.toThrow();
    expect(await poller.serialize()).toContain('"status":"failed"');
    expect(stubbed.sentTo('operationstatuses')).toHaveLength(1);
  });

  test('ours: the next poll asks again', async () => {
    await expect(stubbed.azure.longOperation(operationUrl, call)).rejects.toMatchObject({
      kind: 'answer',
      status: 500,
    });
    expect(await stubbed.azure.longOperation(operationUrl, call)).toMatchObject({
      state: 'succeeded',
    });
  });

  test.each([404, 410])('ours: %s means that the record is lost, no failure', async (status) => {
    stubbed.script = { poll: () => ({ status, body: { error: { code: 'NotFound' } } }) };
    expect(await stubbed.azure.longOperation(operationUrl, call)).toMatchObject({
      state: 'unknown',
    });
  });
});

describe('trap 6, an unlink whose last answer has no properties', () => {
  beforeEach(() => {
    stubbed.script = { write: () => accepted(signed), poll: () => operation('Succeeded') };
  });

  test('the SDK: a TypeError after the success', async () => {
    const result = (async () =>
      stubbed.raw.linkedServices.delete(group, 'workspace-1', 'cluster', {
        updateIntervalInMs: 1,
      }))();
    await expect(result).rejects.toBeInstanceOf(TypeError);
  });

  test('ours: succeeded', async () => {
    const { operationUrl: url = '' } = await stubbed.azure.workspaces.unlink(workspace, call);
    expect(await stubbed.azure.longOperation(url, call)).toMatchObject({ state: 'succeeded' });
  });
});

describe('trap 7, the last read of a PATCH goes to Location', () => {
  beforeEach(() => {
    stubbed.script = {
      write: () => accepted({ ...signed, location: resultUrl }),
      poll: () => operation('Succeeded'),
      read: () => ({ status: 200, body: clusterBody('Succeeded') }),
    };
  });

  test('the SDK: 204 there is an error, though the operation succeeded', async () => {
    stubbed.script.result = () => ({ status: 204 });
    await expect(updateBySdk()).rejects.toMatchObject({ name: 'RestError', statusCode: 204 });
  });

  test('the SDK: 202 there is a TypeError', async () => {
    stubbed.script.result = () => ({ status: 202 });
    await expect(updateBySdk()).rejects.toBeInstanceOf(TypeError);
  });

  test('ours: the status tells, and the resource is read', async () => {
    stubbed.script.result = () => ({ status: 204 });
    const { operationUrl: url = '' } = await stubbed.azure.clusters.bindKey(cluster, key, call);
    expect(await stubbed.azure.longOperation(url, call)).toMatchObject({ state: 'succeeded' });
    const { value } = await stubbed.azure.clusters.read(cluster, call);
    expect(value?.provisioningState).toBe('Succeeded');
    expect(stubbed.sentTo('operationresults')).toHaveLength(0);
  });

  test.each([
    [202, 'running'],
    [200, 'succeeded'],
    [204, 'succeeded'],
  ])('ours: where Location is all there is, %s means %s', async (status, state) => {
    stubbed.script.write = () => accepted({ location: resultUrl });
    stubbed.script.result = () => ({ status });
    const { operationUrl: url = '' } = await stubbed.azure.clusters.bindKey(cluster, key, call);
    expect(await stubbed.azure.longOperation(url, call)).toMatchObject({ state });
  });
});

describe('trap 8, a write that is refused at once', () => {
  beforeEach(() => {
    stubbed.script = {
      write: () => ({
        status: 409,
        headers: { 'retry-after': '17' },
        body: { error: { code: 'Conflict', message: 'Operation cannot be executed now.' } },
      }),
    };
  });

  test('the SDK: an error without details and without the body', async () => {
    const error = (await updateBySdk().catch((thrown: unknown) => thrown)) as {
      details?: unknown;
      response?: { bodyAsText?: string };
    };
    expect(error.details).toBeUndefined();
    expect(error.response?.bodyAsText).toBeUndefined();
  });

  test('ours: everything that Azure said', async () => {
    await expect(stubbed.azure.clusters.bindKey(cluster, key, call)).rejects.toMatchObject({
      name: 'AzureError',
      kind: 'answer',
      status: 409,
      code: 'Conflict',
      azureMessage: 'Operation cannot be executed now.',
      retryAfterMs: 17_000,
      requestId: 'stub-request',
      target: clusterId,
      sent: true,
      message: `binding the key of cluster ${clusterId}: 409 Conflict Operation cannot be executed now.`,
    });
  });
});
