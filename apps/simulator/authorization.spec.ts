import { expect, test } from 'vitest';
import { covers, permits } from './authorization.ts';
import { roleByName } from './providers/authorization/built-in-roles.ts';

function may(role: string, action: string, kind: 'action' | 'dataAction' = 'action'): boolean {
  return permits(roleByName(role).permission, action, kind);
}

test('a scope covers itself and what lies below, whatever the letter case', () => {
  expect(covers('/subscriptions/S', '/subscriptions/s/resourceGroups/g')).toBe(true);
  expect(covers('/', '/subscriptions/s')).toBe(true);
  expect(covers('/subscriptions/s/resourceGroups/g', '/subscriptions/s')).toBe(false);
  expect(covers('/subscriptions/s/resourceGroups/g', '/subscriptions/s/resourceGroups/g2')).toBe(
    false,
  );
});

test('Contributor manages vaults and clusters but assigns no roles', () => {
  expect(may('Contributor', 'Microsoft.KeyVault/vaults/write')).toBe(true);
  expect(may('Contributor', 'Microsoft.OperationalInsights/clusters/write')).toBe(true);
  expect(may('Contributor', 'Microsoft.Authorization/roleAssignments/write')).toBe(false);
  expect(may('Contributor', 'Microsoft.KeyVault/vaults/keys/read', 'dataAction')).toBe(false);
});

test('Reader reads and User Access Administrator assigns', () => {
  expect(may('Reader', 'Microsoft.KeyVault/vaults/read')).toBe(true);
  expect(may('Reader', 'Microsoft.KeyVault/vaults/write')).toBe(false);
  expect(may('User Access Administrator', 'Microsoft.Authorization/roleAssignments/write')).toBe(
    true,
  );
});

test('Log Analytics Contributor writes clusters but no vault', () => {
  expect(may('Log Analytics Contributor', 'Microsoft.OperationalInsights/clusters/write')).toBe(
    true,
  );
  expect(may('Log Analytics Contributor', 'Microsoft.KeyVault/vaults/write')).toBe(false);
});

test('the encryption user reads, wraps and unwraps keys, and nothing else', () => {
  const role = 'Key Vault Crypto Service Encryption User';
  const key = 'Microsoft.KeyVault/vaults/keys';
  for (const verb of ['read', 'wrap/action', 'unwrap/action']) {
    expect(may(role, `${key}/${verb}`, 'dataAction')).toBe(true);
  }
  for (const verb of ['create/action', 'delete', 'update/action']) {
    expect(may(role, `${key}/${verb}`, 'dataAction')).toBe(false);
  }
});

test('Key Vault Contributor cannot purge and Key Vault Reader cannot unwrap', () => {
  expect(
    may('Key Vault Contributor', 'Microsoft.KeyVault/locations/deletedVaults/purge/action'),
  ).toBe(false);
  expect(may('Key Vault Reader', 'Microsoft.KeyVault/vaults/keys/read', 'dataAction')).toBe(true);
  expect(
    may('Key Vault Reader', 'Microsoft.KeyVault/vaults/keys/unwrap/action', 'dataAction'),
  ).toBe(false);
});
