import { expect, it } from 'vitest';

import { allows } from './provision-rights.ts';

const role = (actions: string[], notActions: string[] = []) => ({ actions, notActions });

it.each([
  ['the action itself, in any case', [role(['microsoft.keyvault/VAULTS/read'])], true],
  ['a pattern', [role(['Microsoft.KeyVault/*'])], true],
  ['a pattern for the end', [role(['*/read'])], true],
  ['everything', [role(['*'])], true],
  ['nothing', [], false],
  ['another action', [role(['Microsoft.KeyVault/vaults/write'])], false],
  ['a pattern whose dot is no wildcard', [role(['MicrosoftxKeyVault/*'])], false],
  ['an exclusion of the same role', [role(['*'], ['Microsoft.KeyVault/*'])], false],
  ['an exclusion of another role only', [role(['*'], ['*/read']), role(['*/read'])], true],
])('decides by %s', (_, held, allowed) => {
  expect(allows(held, 'Microsoft.KeyVault/vaults/read')).toBe(allowed);
});
