import { expect, it } from 'vitest';

import { type AzureParts, goodVault, seen, standInAzure } from './azure-stand-in.ts';
import { readKeyUsers } from './key-users.ts';

const call = { signal: new AbortController().signal, clientRequestId: 'spec' };
const clusterNamed = (name: string) => ({
  id: `/clusters/${name}`,
  region: 'westeurope',
  provisioningState: 'Succeeded',
  identityType: 'SystemAssigned',
  principalId: `p-${name}`,
  workspaces: [],
});
const own = { clusterId: '/clusters/main', principalId: 'p-main' };

const usersIn = async (vault: typeof goodVault, parts: AzureParts = {}) => {
  const clusters = [clusterNamed('main'), clusterNamed('twin'), clusterNamed('apart')];
  const on = (id: string) => ({ id, version: '', isMoving: false });
  const users = [on('/clusters/main'), on('/clusters/twin')];
  const question = { vault, keyName: 'cmk', own, seen: { clusters, users, unread: ['s9'] } };
  return await readKeyUsers(standInAzure(parts), question, call);
};

it('finds clusters on the key, and whoever else an access policy lets use it', async () => {
  const policy = (objectId: string, ...keyPermissions: string[]) => ({ objectId, keyPermissions });
  const accessPolicies = [
    policy('p-main', 'unwrapKey'),
    policy('P-TWIN', 'unwrapKey'),
    policy('keyturn-principal', 'all'),
    policy('Backup', 'UnwrapKey'),
    policy('auditor', 'get', 'list'),
  ];
  expect(await usersIn({ ...goodVault, accessPolicies })).toEqual({
    clusters: ['/clusters/twin'],
    principals: ['backup'],
    unread: ['s9'],
  });
});

it('finds those whom a role lets use it, at the key or above', async () => {
  const role = 'e147488a-f6f5-4113-8e2d-b22465e65bf6';
  const given = (principalId: string, of = role) => ({ id: '', scope: '', principalId, role: of });
  const assignmentsAt = async (scope: string) =>
    await seen(scope === `${goodVault.id}/keys/cmk` ? [given('backup'), given('x', 'reader')] : []);
  const users = await usersIn({ ...goodVault, rbac: true }, { roles: { assignmentsAt } });
  expect(users.principals).toEqual(['backup']);
});
