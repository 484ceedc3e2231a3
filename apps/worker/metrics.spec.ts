import { describe, expect, it } from 'vitest';

import { createWorkerMetrics, resourceKind } from './metrics.ts';
import { meterUnderTest, sampleOperation } from './worker-events.ts';

const kind = 'provision';

describe('the metrics of the worker', () => {
  it('count what newly happened to an operation, and how long it took', () => {
    const { meter, recorded } = meterUnderTest();
    createWorkerMetrics(meter).kept(sampleOperation, sampleOperation);
    const step = { kind, step: 'vault' };
    const wait = { kind, reason: 'lane' };
    const end = { kind, result: 'succeeded' };
    expect(recorded).toEqual([
      { name: 'keyturn_operations_requested', value: 1, tags: { kind } },
      { name: 'keyturn_waits_started', value: 1, tags: wait },
      { name: 'keyturn_wait_duration', value: 60, tags: wait },
      { name: 'keyturn_steps_verified', value: 1, tags: step },
      { name: 'keyturn_step_duration', value: 90, tags: step },
      { name: 'keyturn_operations_ended', value: 1, tags: end },
      { name: 'keyturn_operation_duration', value: 120, tags: end },
    ]);
  });

  it('time an end by what was kept before', () => {
    const { meter, recorded } = meterUnderTest();
    createWorkerMetrics(meter).kept(sampleOperation.slice(-1), sampleOperation);
    expect(recorded.map(({ value }) => value)).toEqual([1, 120]);
  });

  it('count requests to Azure by what they are about, and failures without an answer', () => {
    const { meter, recorded } = meterUnderTest();
    const metrics = createWorkerMetrics(meter);
    const url = 'https://kv-1.vault.azure.net/keys/cmk/create';
    metrics.exchanged({ method: 'POST', url, status: 200, requestId: 'r', seconds: 0.2 });
    metrics.exchanged({ method: 'POST', url, requestId: '', seconds: 60 });
    const labels = { method: 'POST', kind: 'keys' };
    const [answered, took, failed] = recorded;
    expect(answered).toMatchObject({ value: 1, tags: { ...labels, status: 200 } });
    expect(took).toMatchObject({ value: 0.2, tags: labels });
    expect(failed).toMatchObject({ value: 1, tags: { ...labels, status: 'none' } });
  });
});

describe('the kind of a resource', () => {
  const arm = 'https://management.azure.com';
  const group = `${arm}/subscriptions/s/resourceGroups/my-group`;
  const insights = 'providers/Microsoft.OperationalInsights';
  it.each([
    [`${group}/${insights}/clusters/my-cluster`, 'microsoft.operationalinsights/clusters'],
    [
      `${group}/${insights}/workspaces/w/linkedServices/Cluster`,
      'microsoft.operationalinsights/workspaces/linkedservices',
    ],
    [
      `${arm}/subscriptions/s/${insights}/locations/westeurope/operationstatuses/op-1`,
      'microsoft.operationalinsights/locations/operationstatuses',
    ],
    [
      `${group}/${insights}/clusters/c/providers/Microsoft.Authorization/permissions`,
      'microsoft.authorization/permissions',
    ],
    [group, 'subscriptions/resourceGroups'],
    ['https://kv-my.vault.azure.net/keys/cmk/versions', 'keys'],
    ['https://dce-1.westeurope-1.ingest.monitor.azure.com/dataCollectionRules/x', 'ingestion'],
    ['https://api.loganalytics.io/v1/workspaces/w/query', 'query'],
  ])('of %s is %s', (url, expected) => {
    expect(resourceKind(url)).toBe(expected);
    expect(expected).not.toContain('my-');
  });
});
