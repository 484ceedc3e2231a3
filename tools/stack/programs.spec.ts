import { describe, expect, it } from 'vitest';
import type { SimulatorFile } from '#libs/dial/dial.ts';
import { apiProgram, principalNamed, simulatorProgram, workerProgram } from './programs.ts';
import type { StackSettings } from './programs.ts';

const settings: StackSettings = {
  dataFolder: '/data',
  pace: 100,
  virtualTime: false,
  apiPort: 0,
  rules: 'current',
  namespace: 'keyturn',
  environment: {
    PATH: '/bin',
    TEMPORAL_TLS: 'true',
    AZURE_CLIENT_SECRET: 'mine',
    HTTPS_PROXY: 'x',
  },
};
const keyturn = { name: 'keyturn', clientId: 'id', clientSecret: 's', objectId: 'o', roles: [] };
const simulator: SimulatorFile = {
  httpsPort: 1,
  proxyPort: 2,
  controlPort: 3,
  caFile: '/data/simulator/ca.pem',
  tenantId: 'tenant',
  subscriptionId: 'subscription',
  resourceGroup: 'group',
  location: 'westeurope',
  principals: [keyturn],
};

describe('the programs of the stack', () => {
  it('give the worker the rights of the principal keyturn and nobody else', () => {
    const { env } = workerProgram(settings, 'temporal:1', simulator);
    expect(env).toMatchObject({
      AZURE_TENANT_ID: 'tenant',
      AZURE_CLIENT_ID: 'id',
      AZURE_CLIENT_SECRET: 's',
      KEYTURN_SIMULATOR: '/data/simulator/simulator.json',
    });
  });

  it('send the probes of the worker where the simulator takes records', () => {
    const logIngestion = {
      endpoint: 'https://dce',
      ruleId: 'dcr-1',
      streamName: 'Custom-T',
      table: 'T',
    };
    const { env } = workerProgram(settings, 'temporal:1', { ...simulator, logIngestion });
    expect(env).toMatchObject({
      KEYTURN_PROBE_ENDPOINT: 'https://dce',
      KEYTURN_PROBE_RULE_ID: 'dcr-1',
      KEYTURN_PROBE_STREAM: 'Custom-T',
      KEYTURN_PROBE_TABLE: 'T',
    });
    const without = workerProgram(settings, 'temporal:1', simulator).env;
    expect(without).not.toHaveProperty('KEYTURN_PROBE_ENDPOINT');
  });

  it('keep real credentials and proxies of the shell from every process', () => {
    const programs = [simulatorProgram(settings), apiProgram(settings, 'temporal:1', simulator)];
    for (const { env } of programs) {
      expect(env['AZURE_CLIENT_SECRET']).toBeUndefined();
      expect(env['HTTPS_PROXY']).toBeUndefined();
    }
  });

  it('let the worker show its metrics where the stack has found room', () => {
    const address = (changes: Partial<StackSettings>) =>
      workerProgram({ ...settings, ...changes }, 'temporal:1', simulator).env[
        'KEYTURN_METRICS_ADDRESS'
      ];
    expect(address({})).toBeUndefined();
    expect(address({ workerMetricsPort: 7 })).toBe('127.0.0.1:7');
  });

  it('hand on how Temporal is reached', () => {
    const { env } = apiProgram(settings, 'temporal:1', simulator);
    expect(env).toMatchObject({ TEMPORAL_ADDRESS: 'temporal:1', TEMPORAL_TLS: 'true' });
  });

  it.each([
    [false, 'real'],
    [true, 'follow'],
  ])('let the clock of the simulator go with virtual time %s', (virtualTime, clock) => {
    const { args } = simulatorProgram({ ...settings, virtualTime });
    expect(args[args.indexOf('--clock') + 1]).toBe(clock);
  });

  it('let worker and API read and write one ledger', () => {
    const worker = workerProgram(settings, 'temporal:1', simulator);
    const api = apiProgram(settings, 'temporal:1', simulator);
    expect(worker.env['KEYTURN_LEDGER']).toBe('/data/ledger.sqlite');
    expect(api.env['KEYTURN_LEDGER']).toBe(worker.env['KEYTURN_LEDGER']);
  });
});

describe('principalNamed', () => {
  it('says which principal is missing', () => {
    expect(() => principalNamed(simulator, 'nobody')).toThrow(
      'finding the principal nobody: the simulator does not know it',
    );
  });
});
