import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Environment } from '../config.ts';
import type { GlobalOptions } from './settings.ts';
import { toSettings } from './settings.ts';
import type { Profile } from './profile.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folders = { configFolder: '/c', stateFolder: '/s' };
const client = { kind: 'client', issuer: 'i', clientId: 'c', scope: 's' } as const;

interface Given {
  readonly options?: GlobalOptions;
  readonly environment?: Partial<Environment>;
  readonly profile?: Profile;
}
const settingsOf = ({ options = {}, environment = {}, profile = {} }: Given) =>
  toSettings({ options, environment: { ...folders, ...environment }, profile });

function simulatorFile(): string {
  const path = join(temporaryFolder(), 'simulator.json');
  const ports = { httpsPort: 1, proxyPort: 2, controlPort: 3 };
  const names = { tenantId: 't', subscriptionId: 'sim', resourceGroup: 'g', location: 'l' };
  writeFileSync(path, JSON.stringify({ ...ports, ...names, caFile: 'ca', principals: [] }));
  return path;
}

describe('the settings', () => {
  it('take the address from flags, environment, profile, in this order', () => {
    const profile = { api: 'http://profile' };
    const environment = { api: 'http://environment' };
    expect(settingsOf({}).api).toBe('http://127.0.0.1:8080');
    expect(settingsOf({ profile }).api).toBe('http://profile');
    expect(settingsOf({ profile, environment }).api).toBe('http://environment');
    const options = { api: 'http://flag' };
    expect(settingsOf({ profile, environment, options }).api).toBe('http://flag');
  });

  it.each(['localhost:8080', 'ftp://x', 'here'])('refuse %s as an address', (api) => {
    expect(() => settingsOf({ options: { api } })).toThrow('no http or https URL');
  });

  it('name nobody when nobody logged in', () => {
    expect(settingsOf({})).not.toHaveProperty('identity');
  });

  it('name a client of Entra ID by its tenant', () => {
    const environment = { tenant: 'contoso.com', clientId: 'c' };
    expect(settingsOf({ environment }).identity).toEqual({
      kind: 'client',
      issuer: 'https://login.microsoftonline.com/contoso.com/v2.0',
      clientId: 'c',
      scope: 'api://keyturn/.default',
    });
  });

  it('prefer a simulator that is named to the client that logged in', () => {
    const file = simulatorFile();
    const settings = settingsOf({ options: { simulator: file }, profile: { identity: client } });
    expect(settings.identity).toEqual({ kind: 'simulator', file, principal: 'operator' });
  });

  it('know the subscription of a simulator', () => {
    const file = simulatorFile();
    expect(settingsOf({ environment: { simulator: file } }).subscription).toBe('sim');
  });

  it('let another principal of the known simulator speak', () => {
    const file = simulatorFile();
    const profile = { identity: { kind: 'simulator', file, principal: 'operator' } } as const;
    const { identity } = settingsOf({ options: { as: 'approver' }, profile });
    expect(identity).toMatchObject({ file, principal: 'approver' });
  });

  it('refuse a principal without a simulator', () => {
    const given = { options: { as: 'approver' }, profile: { identity: client } };
    expect(() => settingsOf(given)).toThrow('--as names a principal of a simulator');
  });

  it('say where a missing simulator.json would be', () => {
    const given = { environment: { simulator: '/nowhere/simulator.json' } };
    expect(() => settingsOf(given)).toThrow('reading the simulator.json /nowhere/simulator.json');
  });
});
