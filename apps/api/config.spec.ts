import { describe, expect, it } from 'vitest';
import { parseConfig } from './config.ts';

const tenantId = '11111111-1111-1111-1111-111111111111';

describe('the settings of the API', () => {
  it('need no more than a tenant', () => {
    expect(parseConfig({ KEYTURN_TENANT_ID: tenantId, TEMPORAL_API_KEY: '' })).toEqual({
      port: 8080,
      host: '127.0.0.1',
      logLevel: 'info',
      temporal: { address: '127.0.0.1:7233', namespace: 'default' },
      identity: {
        tenantId,
        audiences: ['api://keyturn'],
        issuers: [
          `https://sts.windows.net/${tenantId}/`,
          `https://login.microsoftonline.com/${tenantId}/v2.0`,
        ],
      },
      rules: 'current',
      virtualTime: false,
      ledger: '.data/ledger.db',
    });
  });

  it('tell every problem at once', () => {
    const wrong = { PORT: 'x', KEYTURN_RULES: '1999', LOG_LEVEL: 'loud' };
    expect(() => parseConfig(wrong)).toThrow(/PORT: .*; KEYTURN_RULES: /u);
    expect(() => parseConfig(wrong)).toThrow(/LOG_LEVEL: /u);
  });

  it('need somebody whose tokens are taken', () => {
    expect(() => parseConfig({})).toThrow('KEYTURN_TENANT_ID: is missing');
  });

  it('refuse virtual time against the real cloud', () => {
    const settings = { KEYTURN_TENANT_ID: tenantId, KEYTURN_VIRTUAL_TIME: 'true' };
    expect(() => parseConfig(settings)).toThrow('only allowed together with KEYTURN_SIMULATOR');
  });

  it('turn TLS on for a certificate, whose key must come along', () => {
    const settings = { KEYTURN_TENANT_ID: tenantId, TEMPORAL_TLS_CLIENT_CERT_PATH: 'crt' };
    expect(() => parseConfig(settings)).toThrow('go together');
    const both = parseConfig({ ...settings, TEMPORAL_TLS_CLIENT_KEY_PATH: 'key' });
    expect(both.temporal.tls).toEqual({ clientCertificateFile: 'crt', clientKeyFile: 'key' });
  });
});
