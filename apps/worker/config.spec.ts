import { describe, expect, it } from 'vitest';

import { toTemporalSettings } from '#libs/temporal/environment.ts';

import { readConfig, readProbe } from './config.ts';

const environment = { TEMPORAL_ADDRESS: 'localhost:7233' };
const probe = {
  KEYTURN_PROBE_ENDPOINT: 'https://dce.westeurope-1.ingest.monitor.azure.com',
  KEYTURN_PROBE_RULE_ID: 'dcr-1',
  KEYTURN_PROBE_STREAM: 'Custom-Probe_CL',
  KEYTURN_PROBE_TABLE: 'Probe_CL',
};

describe('the settings of a probe', () => {
  it('may be left out', () => {
    expect(readProbe(readConfig(environment))).toBeUndefined();
  });

  it('name where records go and are found again', () => {
    expect(readProbe(readConfig({ ...environment, ...probe }))).toEqual({
      endpoint: probe.KEYTURN_PROBE_ENDPOINT,
      ruleId: 'dcr-1',
      streamName: 'Custom-Probe_CL',
      table: 'Probe_CL',
    });
  });

  it.each(Object.keys(probe))('are refused without %s', (name) => {
    const rest = Object.fromEntries(Object.entries(probe).filter(([other]) => other !== name));
    expect(() => readConfig({ ...environment, ...rest })).toThrow('go together');
  });

  it.each([
    ['KEYTURN_PROBE_ENDPOINT', 'http://dce.example'],
    ['KEYTURN_PROBE_TABLE', 'Probe_CL | take 1'],
  ])('are refused with a wrong %s', (name, value) => {
    expect(() => readConfig({ ...environment, ...probe, [name]: value })).toThrow(name);
  });
});

it('refuses a workspace of the audit that is no resource id of one', () => {
  const wrong = { ...environment, KEYTURN_AUDIT_WORKSPACE: 'ws-audit' };
  expect(() => readConfig(wrong)).toThrow('KEYTURN_AUDIT_WORKSPACE');
});

describe('the address of the metrics', () => {
  it('is none unless it is chosen', () => {
    expect(readConfig(environment).KEYTURN_METRICS_ADDRESS).toBeUndefined();
  });

  it.each(['127.0.0.1:9464', '[::1]:9464'])('may be %s', (address) => {
    const config = readConfig({ ...environment, KEYTURN_METRICS_ADDRESS: address });
    expect(config.KEYTURN_METRICS_ADDRESS).toBe(address);
  });

  it.each(['9464', 'localhost:9464', '127.0.0.1'])('is refused as %s', (address) => {
    expect(() => readConfig({ ...environment, KEYTURN_METRICS_ADDRESS: address })).toThrow(
      'must be an IP address and a port',
    );
  });
});

describe('the way to Temporal', () => {
  it('is refused with a certificate whose key is missing', () => {
    const settings = { ...environment, TEMPORAL_TLS_CLIENT_CERT_PATH: 'crt' };
    expect(() => readConfig(settings)).toThrow('go together');
    const both = readConfig({ ...settings, TEMPORAL_TLS_CLIENT_KEY_PATH: 'key' });
    expect(toTemporalSettings(both)).toEqual({
      address: 'localhost:7233',
      namespace: 'keyturn',
      tls: { clientCertificateFile: 'crt', clientKeyFile: 'key' },
    });
  });
});
