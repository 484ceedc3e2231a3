import { formatClusterId, parseVaultId } from './azure-ids.ts';
import { isRecoverable } from './key-state.ts';
import type { PlannedStep } from './plan.ts';
import type { Begun, VaultSeen } from './provision-facts.ts';
import type { ProvisionRequest } from './provision-request.ts';

type KeyOrder = Pick<ProvisionRequest, 'cluster' | 'key'>;

/** The steps of a plan that end with a key which Keyturn may use: vault, own access, key. */
export function stepsToKey(
  { key }: Pick<KeyOrder, 'key'>,
  vault: VaultSeen | undefined,
  begun: Begun,
): PlannedStep[] {
  const name = parseVaultId(key.vaultId)?.name ?? key.vaultId;
  return [
    {
      name: 'vault',
      title: `Vault ${name}, recoverable`,
      target: key.vaultId,
      effect: begun['vault'] ?? vaultEffect(vault),
    },
    {
      name: 'vault-access',
      title: 'Our own access to the vault',
      target: key.vaultId,
      effect: begun['vault-access'] ?? (vault?.ownAccess === true ? 'keep' : 'change'),
    },
    {
      name: 'key',
      title: `Key ${key.name}, ${keyIs[key.source]}`,
      target: `${key.vaultId}/keys/${key.name}`,
      effect: key.source === 'use' ? 'keep' : 'create',
    },
  ];
}

/** The steps that bring a cluster which is there under the key: grant and bind. */
export const stepsToBind = (
  { cluster, key }: KeyOrder,
  isGranted: boolean,
  begun: Begun,
): PlannedStep[] => [
  {
    name: 'grant',
    title: 'Grant of the key to the cluster',
    target: key.vaultId,
    effect: begun['grant'] ?? (isGranted ? 'keep' : 'change'),
  },
  {
    name: 'bind',
    title: 'Bind the cluster to the key',
    target: formatClusterId(cluster),
    effect: 'change',
  },
];

/** The steps after a bind to another version or key: time for caches to let go, and the proof. */
export function stepsToProof(target: string, soakMs: number): PlannedStep[] {
  const hours = soakMs / 3_600_000;
  return [
    {
      name: 'soak',
      title:
        hours === 0 ? 'No soak, as asked' : `Soak of ${hours} h; the old version stays enabled`,
      target,
      effect: 'keep',
    },
    { name: 'proof', title: 'The new version is in use', target, effect: 'keep' },
  ];
}

const keyIs = { generate: 'generated', use: 'found', import: 'imported' } as const;

function vaultEffect(vault: VaultSeen | undefined): PlannedStep['effect'] {
  if (vault === undefined) return 'create';
  return isRecoverable(vault) ? 'keep' : 'change';
}
