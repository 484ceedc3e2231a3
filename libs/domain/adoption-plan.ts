import {
  formatClusterId,
  parseVaultId,
  sameId,
  sameRegion,
  sameVaultUri,
  vaultUriOf,
} from './azure-ids.ts';
import type { Finding } from './findings.ts';
import type { Inspected } from './inspection.ts';
import type { Plan } from './plan.ts';
import type { ProvisionRequest } from './provision-request.ts';
import type { RulePackName } from './service-rules.ts';

/** The plan of an operation that reads a cluster and changes nothing. */
export const readingPlan = (
  target: string,
  findings: readonly Finding[],
  rulePack: RulePackName,
): Omit<Plan, 'hash'> => ({
  steps: [
    {
      name: 'inspect',
      title: 'Cluster, vault, key, grant and links, read',
      target,
      effect: 'keep',
    },
  ],
  findings,
  cost: {},
  losses: [],
  rulePack,
});

/** Where a cluster that is there differs from a request that would have made it otherwise. */
export function requestFindings(request: ProvisionRequest, inspected: Inspected): Finding[] {
  const { region, capacityGbPerDay, key, workspaces } = inspected;
  const found: [field: string, wanted: string, shown: string][] = [];
  if (!sameRegion(request.region, region)) found.push(['region', request.region, region]);
  if (request.capacityGbPerDay !== capacityGbPerDay) {
    found.push(['capacityGbPerDay', `${request.capacityGbPerDay}`, `${capacityGbPerDay}`]);
  }
  const vault = parseVaultId(request.key.vaultId);
  const wantedKey = `${vault === undefined ? '' : vaultUriOf(vault)}/keys/${request.key.name}`;
  if (key !== undefined && !isKeyOf(key, wantedKey)) {
    found.push(['key', wantedKey, `${key.vaultUri}/keys/${key.name}`]);
  }
  const unlinked = request.workspaces.filter(
    (id) => !workspaces.some((shown) => sameId(shown, id)),
  );
  for (const id of unlinked) found.push(['workspaces', id, 'not linked']);
  return found.map(([target, wanted, shown]) => ({
    code: 'not_as_requested',
    severity: 'warning',
    rule: 'R165',
    reason: `asked for ${wanted}, and the cluster shows ${shown}`,
    remedy: 'Nothing was changed; ask for the change by an operation of its own.',
    target,
  }));
}

/** That the cluster was there already, said in the plan and in the outcome. */
export const adopted = (request: Pick<ProvisionRequest, 'cluster'>): Finding => ({
  code: 'adopted',
  severity: 'info',
  rule: 'R43',
  reason: 'the cluster was there already; it is looked after as it is from now on',
  remedy: 'Nothing is to be done.',
  target: formatClusterId(request.cluster),
});

function isKeyOf({ vaultUri, name }: { vaultUri: string; name: string }, wanted: string): boolean {
  const [uri = '', wantedName = ''] = wanted.split('/keys/');
  return sameVaultUri(vaultUri, uri) && sameId(name, wantedName);
}
