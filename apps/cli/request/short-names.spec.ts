import { describe, expect, it } from 'vitest';
import { withFullNames } from './short-names.ts';

const group = '/subscriptions/s/resourceGroups/g/providers';
const cluster = { subscriptionId: 's', resourceGroup: 'g', name: 'c' };

describe('names in full', () => {
  it('put vault and workspaces where the cluster lies', () => {
    const request = { cluster, key: { vaultId: 'kv' }, workspaces: ['ws', 'other/ws'] };
    expect(withFullNames(request)).toEqual({
      cluster,
      key: { vaultId: `${group}/Microsoft.KeyVault/vaults/kv` },
      workspaces: [
        `${group}/Microsoft.OperationalInsights/workspaces/ws`,
        '/subscriptions/s/resourceGroups/other/providers/Microsoft.OperationalInsights/workspaces/ws',
      ],
    });
  });

  it('leave resource ids and what does not fit as they are', () => {
    const request = { cluster, key: { vaultId: `${group}/x` }, workspaces: ['a/b/c', 7] };
    expect(withFullNames(request)).toEqual(request);
  });

  it('take the subscription from the settings only when the file leaves it out', () => {
    const { subscriptionId: _absent, ...rest } = cluster;
    expect(withFullNames({ cluster: rest }, 'mine')).toEqual({
      cluster: { ...rest, subscriptionId: 'mine' },
    });
    expect(withFullNames({ cluster }, 'mine')).toEqual({ cluster });
  });

  it('do not guess without a cluster', () => {
    const request = { key: { vaultId: 'kv' } };
    expect(withFullNames(request, 'mine')).toEqual(request);
  });
});
