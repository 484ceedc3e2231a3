import { WorkflowClient } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { createLazyConnection, retryOptions, toConnectionOptions } from './connection.ts';
import { createWorkflowClient } from './workflow-client.ts';

const settings = { address: '127.0.0.1:1', namespace: 'default' };

/** Starts a workflow on a connection that only keeps the request. */
async function startRequest(time: Parameters<typeof createWorkflowClient>[1]) {
  const connection = createLazyConnection(settings);
  const requests: { timeSkippingConfig?: unknown }[] = [];
  connection.workflowService.startWorkflowExecution = ((request: object) => {
    requests.push(request);
    return Promise.resolve({ runId: 'run' });
  }) as typeof connection.workflowService.startWorkflowExecution;
  const client = createWorkflowClient({ connection }, time);
  await client.start('provision', { workflowId: 'w', taskQueue: 'q', args: [] });
  await connection.close();
  return requests[0];
}

describe('a workflow client', () => {
  it('starts workflows in virtual time when a simulator stands in for the cloud', async () => {
    const request = await startRequest({ virtualTime: true, simulatorFile: 'simulator.json' });
    expect(request?.timeSkippingConfig).toMatchObject({ enabled: true });
  });

  it('starts workflows in real time otherwise', async () => {
    const request = await startRequest({ virtualTime: false, simulatorFile: 'simulator.json' });
    expect(request).toBeDefined();
    expect(request?.timeSkippingConfig).toBeUndefined();
  });

  it('refuses virtual time without a simulator', () => {
    expect(() => createWorkflowClient({}, { virtualTime: true })).toThrow('only allowed with');
  });

  it('is the plain client of the SDK in real time', () => {
    const client = createWorkflowClient({}, { virtualTime: false });
    expect(Object.getPrototypeOf(client)).toBe(WorkflowClient.prototype);
  });
});

describe('a connection', () => {
  it('is secured as soon as there is an API key', () => {
    const options = toConnectionOptions({ ...settings, apiKey: 'k' });
    expect(options).toEqual({ address: '127.0.0.1:1', apiKey: 'k', tls: true });
  });

  it('is plain when nothing is said', () => {
    expect(toConnectionOptions(settings)).toEqual({ address: '127.0.0.1:1' });
  });
});

describe('a call that failed', () => {
  const { delayFunction: delay, retryableDecider: decide } = retryOptions;
  type Status = Parameters<typeof delay>[1];
  const failed = (code: number): Status => Object.assign({} as Status, { code, details: '' });
  /** How often and how long it is tried, ms, at the most that chance adds. */
  function patienceWith(code: number) {
    let [attempt, waited] = [1, 0];
    for (; decide(attempt, failed(code)); attempt += 1) waited += delay(attempt, failed(code));
    return { attempt, waited };
  }

  it('is given up within a second or two when the engine is away', () => {
    expect(patienceWith(14).attempt).toBe(3);
    expect(patienceWith(14).waited).toBeLessThan(1_000);
  });

  it('is repeated for seconds while the engine has its hands full', () => {
    expect(patienceWith(8).attempt).toBe(12);
    expect(patienceWith(8).waited).toBeGreaterThan(3_000);
  });

  it('is not repeated when it was answered', () => {
    expect(patienceWith(5)).toEqual({ attempt: 1, waited: 0 });
  });
});
