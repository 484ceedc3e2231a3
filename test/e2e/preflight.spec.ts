import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import type { ProvisionBodyInput } from '#libs/contracts/http/provision-body.ts';
import {
  changeKey,
  deleteAsOwner,
  deleteCluster,
  linkByHand,
  makeCluster,
  makeIdentity,
  makeKey,
  makeVault,
  policyOf,
  unlinkByHand,
} from '../support/by-hand.ts';
import { endOf, operationWhen } from '../support/operations.ts';
import { orderFor, providersOf, workspaceNamed } from '../support/orders.ts';
import { realTime, startProduct, type Product } from '../support/product.ts';
import { expectFinding, planOf, writtenByKeyturn, type Expected } from '../support/plans.ts';
import { askControl, plantFault } from '../support/simulator-control.ts';

/** Whatever a plan can find before anything is changed, each in an estate that has it. */
let product: Product;

beforeAll(async () => {
  product = await startProduct(inject('temporalAddress'), realTime);
  await askControl(product.stack.simulator, 'POST /seed', { name: 'regions' });
});

afterEach(async () => {
  await askControl(azure(), 'DELETE /faults');
  await askControl(azure(), 'POST /rights', { principal: 'keyturn' });
  expect(await writtenByKeyturn(azure())).toEqual([]);
});

afterAll(async () => {
  await product.stop();
});

const azure = () => product.stack.simulator;

type Change = Partial<Omit<ProvisionBodyInput, 'key'>> & { readonly key?: object };

/** A good request to plan only, with other members of the key and of the whole. */
function orderWith(name: string, { key = {}, ...others }: Change = {}): ProvisionBodyInput {
  const order = orderFor(azure(), name);
  return { ...order, ...others, key: { ...order.key, ...key }, planOnly: true };
}

const expectBlocker = async (order: ProvisionBodyInput, expected: Expected) =>
  await expectFinding(product, order, { severity: 'blocker', ...expected });
const expectWarning = async (order: ProvisionBodyInput, expected: Expected) =>
  await expectFinding(product, order, { severity: 'warning', ...expected });

describe('a right that Keyturn lacks', () => {
  it.each([
    'Microsoft.OperationalInsights/clusters/write',
    'Microsoft.OperationalInsights/workspaces/write',
    'Microsoft.OperationalInsights/workspaces/linkedServices/write',
    'Microsoft.KeyVault/vaults/write',
    'Microsoft.KeyVault/vaults/accessPolicies/write',
    'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action',
  ])('is named by its action: %s', async (action) => {
    const { id } = await makeIdentity(azure(), 'uai-rights');
    await askControl(azure(), 'POST /rights', { principal: 'keyturn', without: [action] });
    const order = orderWith('clu-rights', {
      workspaces: [workspaceNamed(azure(), 'ws-audit')],
      identity: { type: 'UserAssigned', userAssignedIdentityId: id },
    });
    const { state, plan } = await planOf(product, order);
    const missing = plan?.findings.filter(({ code }) => code === 'missing_permission');
    expect(missing).toEqual([expect.objectContaining({ rule: 'R52', severity: 'blocker' })]);
    expect(missing?.[0]?.reason).toBe(`the identity of Keyturn may not perform ${action}`);
    expect(missing?.[0]?.remedy).toContain('Give the identity of Keyturn a role');
    expect(state).toBe('refused');
  });

  it('is the one to give roles where the vault goes by roles', async () => {
    const vaultId = await makeVault(azure(), 'kv-by-roles', { enableRbacAuthorization: true });
    const action = 'Microsoft.Authorization/roleAssignments/write';
    await askControl(azure(), 'POST /rights', { principal: 'keyturn', without: [action] });
    await expectBlocker(orderWith('clu-by-roles', { key: { vaultId } }), {
      code: 'missing_permission',
      rule: 'R52',
      target: vaultId,
    });
  });

  it('to read at all is asked for, and once it is given the plan is made', async () => {
    const action = 'Microsoft.OperationalInsights/clusters/read';
    await askControl(azure(), 'POST /rights', { principal: 'keyturn', without: [action] });
    const client = product.as('operator');
    const { operationId } = await client.provisionCluster(orderWith('clu-unread'));
    const { attention } = await operationWhen(
      client,
      operationId,
      ({ state }) => state === 'attention',
    );
    expect(attention?.reason).toContain(`the identity of Keyturn may not perform ${action}`);
    await askControl(azure(), 'POST /rights', { principal: 'keyturn' });
    await client.resumeOperation(operationId);
    expect((await endOf(client, operationId)).state).toBe('succeeded');
  });
});

describe('a vault', () => {
  it('of another tenant cannot serve', async () => {
    const tenantId = '99999999-9999-4999-8999-999999999999';
    const vaultId = await makeVault(azure(), 'kv-foreign', { tenantId });
    await expectBlocker(orderWith('clu-foreign', { key: { vaultId } }), {
      code: 'tenant_mismatch',
      rule: 'R12',
      target: vaultId,
    });
  });

  it('in another region cannot serve', async () => {
    const vaultId = await makeVault(azure(), 'kv-overseas', { location: 'eastus' });
    await expectBlocker(orderWith('clu-near', { key: { vaultId } }), {
      code: 'region_mismatch',
      rule: 'R11',
      target: vaultId,
    });
  });

  it('whose firewall shuts out Azure cannot serve', async () => {
    const networkAcls = { defaultAction: 'Deny', bypass: 'None', ipRules: [] };
    const vaultId = await makeVault(azure(), 'kv-walled', { networkAcls });
    await expectBlocker(orderWith('clu-walled', { key: { vaultId } }), {
      code: 'vault_unusable',
      rule: 'R31',
      target: vaultId,
    });
  });

  it('behind private links cannot serve a user-assigned identity', async () => {
    const vaultId = await makeVault(azure(), 'kv-private', { publicNetworkAccess: 'Disabled' });
    const { id: userAssignedIdentityId } = await makeIdentity(azure(), 'uai-private');
    const identity = { type: 'UserAssigned', userAssignedIdentityId } as const;
    await expectBlocker(orderWith('clu-private', { identity, key: { vaultId } }), {
      code: 'vault_unusable',
      rule: 'R65',
      target: vaultId,
    });
  });

  it('that was deleted holds its name', async () => {
    const vaultId = await makeVault(azure(), 'kv-deleted');
    await deleteAsOwner(azure(), vaultId, 'api-version=2023-07-01');
    await expectBlocker(orderWith('clu-devault', { key: { vaultId } }), {
      code: 'vault_deleted',
      rule: 'R28',
      target: vaultId,
    });
  });

  it('without purge protection can serve once a second person agrees', async () => {
    const vaultId = await makeVault(azure(), 'kv-loose', { enablePurgeProtection: undefined });
    const order = orderWith('clu-loose', { key: { vaultId } });
    await expectWarning(order, { code: 'purge_protection', rule: 'R26', target: vaultId });
  });
});

describe('a key', () => {
  const version = 'a'.repeat(32);

  it.each([
    ['where there is no vault', 'kv-nowhere', undefined],
    ['that the vault does not hold', 'kv-keys', undefined],
    ['without the version asked for', 'kv-keys', version],
  ])('to be used is missing: %s', async (where, vault, wanted) => {
    const name = where.includes('version') ? 'there' : 'not-there';
    if (vault === 'kv-keys') {
      await makeVault(azure(), vault);
      await makeKey(azure(), vault, { name: 'there' });
    }
    const vaultId = `${providersOf(azure())}/Microsoft.KeyVault/vaults/${vault}`;
    const key = { vaultId, name, source: 'use', ...(wanted && { version: wanted }) };
    const order = orderWith('clu-no-key', { key });
    await expectBlocker(order, { code: 'key_missing', rule: 'R59' });
  });

  it('to be made is there already', async () => {
    const vaultId = await makeVault(azure(), 'kv-taken');
    await makeKey(azure(), 'kv-taken', { name: 'cmk' });
    await expectBlocker(orderWith('clu-taken', { key: { vaultId } }), {
      code: 'key_exists',
      rule: 'R25',
    });
  });

  it.each([
    ['disabled', 'R59', { enabled: false }],
    ['expired', 'R60', { exp: 1_600_000_000 }],
  ])('that is %s cannot serve', async (how, rule, attributes) => {
    const vaultId = await makeVault(azure(), `kv-${how}`);
    const made = await makeKey(azure(), `kv-${how}`, { name: 'cmk' });
    await changeKey(azure(), `kv-${how}`, { key: `cmk/${made}`, attributes });
    await expectBlocker(orderWith(`clu-${how}`, { key: { vaultId, source: 'use' } }), {
      code: 'key_unusable',
      rule,
      target: `https://kv-${how}.vault.azure.net/keys/cmk/${made}`,
    });
  });

  it('to be imported has to be a file of the import folder', async () => {
    const order = orderWith('clu-no-file', { key: { source: { importFrom: 'none.pem' } } });
    await expectBlocker(order, { code: 'import_unusable', rule: 'R29', target: 'none.pem' });
  });
});

describe('a user-assigned identity', () => {
  it('has to be there', async () => {
    const userAssignedIdentityId = `${providersOf(azure())}/Microsoft.ManagedIdentity/userAssignedIdentities/none`;
    const identity = { type: 'UserAssigned', userAssignedIdentityId } as const;
    await expectBlocker(orderWith('clu-no-uai', { identity }), {
      code: 'identity_missing',
      rule: 'R33',
      target: userAssignedIdentityId,
    });
  });

  it('may have too many rights in the vault', async () => {
    const { id, principalId } = await makeIdentity(azure(), 'uai-mighty');
    const words = ['get', 'wrapKey', 'unwrapKey', 'delete', 'purge'];
    const policies = [policyOf(azure(), principalId, words)];
    const vaultId = await makeVault(azure(), 'kv-mighty', { policies });
    const identity = { type: 'UserAssigned', userAssignedIdentityId: id } as const;
    await expectWarning(orderWith('clu-mighty', { identity, key: { vaultId } }), {
      code: 'excess_rights',
      rule: 'R50',
      target: id,
    });
  });
});

describe('a workspace', () => {
  it('has to be there', async () => {
    const missing = workspaceNamed(azure(), 'ws-none');
    await expectBlocker(orderWith('clu-no-ws', { workspaces: [missing] }), {
      code: 'workspace_missing',
      rule: 'R74',
      target: missing,
    });
  });

  it('has to be in the region of the cluster', async () => {
    const [group] = providersOf(azure()).split('/rg-logs/');
    const overseas = `${group}/rg-logs-us/providers/Microsoft.OperationalInsights/workspaces/ws-overseas`;
    await expectBlocker(orderWith('clu-far', { workspaces: [overseas] }), {
      code: 'region_mismatch',
      rule: 'R77',
      target: overseas,
    });
  });

  it('of another cluster is unlinked there first', async () => {
    const workspace = workspaceNamed(azure(), 'ws-trading');
    await linkByHand(azure(), workspace, await makeCluster(azure(), 'clu-rival'));
    await expectBlocker(orderWith('clu-late', { workspaces: [workspace] }), {
      code: 'linked_elsewhere',
      rule: 'R72',
      target: workspace,
    });
  });

  it('that was linked twice lately has to wait', async () => {
    const workspace = workspaceNamed(azure(), 'ws-payments');
    const cluster = await makeCluster(azure(), 'clu-fickle');
    for (const _ of ['once', 'twice']) {
      await linkByHand(azure(), workspace, cluster);
      await unlinkByHand(azure(), workspace);
    }
    await expectBlocker(orderWith('clu-third', { workspaces: [workspace] }), {
      code: 'link_budget_spent',
      rule: 'R71',
      target: workspace,
    });
  });
});

describe('a cluster', () => {
  it('may be there already', async () => {
    const target = await makeCluster(azure(), 'clu-there');
    await expectBlocker(orderWith('clu-there'), { code: 'cluster_exists', rule: 'R43', target });
  });

  it('of a name that a deleted one holds is refused where that was asked for', async () => {
    const target = await makeCluster(azure(), 'clu-gone');
    await deleteCluster(azure(), target);
    const order = orderWith('clu-gone', { onNameReserved: 'refuse' });
    await expectBlocker(order, { code: 'name_reserved', rule: 'R43', target });
  });

  it('may have a name of which nobody knows whether it is held', async () => {
    const action = { kind: 'status', status: 403 } as const;
    await plantFault(azure(), { path: '/eventtypes/management/values', action });
    await expectWarning(orderWith('clu-dark'), { code: 'release_unknown', rule: 'R160' });
  });

  it('of an unpublished tier is left to the service to decide', async () => {
    await expectWarning(orderWith('clu-tier', { capacityGbPerDay: 700 }), {
      code: 'unknown_tier',
      rule: 'R6',
    });
  });

  it('without double encryption is made as asked, and it is said that this is for good', async () => {
    await expectWarning(orderWith('clu-single', { doubleEncryption: false }), {
      code: 'double_encryption_off',
      rule: 'R41',
    });
  });

  it('needs a free slot in its region, which deleted ones may hold too', async () => {
    const names = ['clu-1st', 'clu-2nd', 'clu-3rd', 'clu-4th', 'clu-5th'];
    const made = await Promise.all(
      names.map(async (name) => await makeCluster(azure(), name, 'northeurope')),
    );
    const order = orderWith('clu-sixth', { region: 'northeurope' });
    await expectBlocker(order, { code: 'quota_reached', rule: 'R42', target: 'region' });

    await Promise.all(made.slice(1).map(async (id) => await deleteCluster(azure(), id)));
    const again = await makeCluster(azure(), 'clu-again', 'northeurope');
    await deleteCluster(azure(), again);
    await expectWarning(order, { code: 'slots_reserved', rule: 'R42', target: 'region' });
  });
});
