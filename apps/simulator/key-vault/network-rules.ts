import { BlockList, isIP } from 'node:net';
import { forbiddenByConnection, forbiddenByFirewall } from './key-faults.ts';
import type { NetworkAcls, Vault } from './vault-documents.ts';

/** The address every caller from outside Azure is taken to have (a documentation address, RFC 5737). */
export const CLIENT_ADDRESS = '203.0.113.10';

/** Refuses a caller from outside whom the vault's firewall does not admit (4.1). */
export function refuseClient(vault: Vault): void {
  if (vault.publicNetworkAccess.toLowerCase() === 'disabled') throw forbiddenByConnection();
  const rules = vault.networkAcls;
  if (rules === undefined || rules.defaultAction.toLowerCase() === 'allow') return;
  if (!admitsClient(rules)) throw forbiddenByFirewall(CLIENT_ADDRESS);
}

/**
 * Refuses a cluster's storage: as a trusted service it passes the firewall unless the bypass is off (4.1; R31), but
 * not a vault on private link when it comes with a user-assigned identity (R65).
 */
export function refuseTrustedService(vault: Vault, identityType: string): void {
  const isPrivate = vault.publicNetworkAccess.toLowerCase() === 'disabled';
  if (isPrivate && identityType === 'UserAssigned') throw forbiddenByConnection();
  const rules = vault.networkAcls;
  const closed = isPrivate || rules?.defaultAction.toLowerCase() === 'deny';
  if (closed && rules?.bypass.toLowerCase() === 'none') throw forbiddenByFirewall('Azure');
}

function admitsClient(rules: NetworkAcls): boolean {
  const admitted = new BlockList();
  for (const { value } of rules.ipRules) {
    const [address = '', prefix = '32'] = value.split('/');
    if (isIP(address) === 4) admitted.addSubnet(address, Number(prefix));
  }
  return admitted.check(CLIENT_ADDRESS);
}
