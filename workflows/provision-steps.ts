import { sleep } from '@temporalio/workflow';

import type { BindOrder, StartResult } from '#activities/clusters.ts';
import type { KeyVersionEnsured } from '#activities/keys.ts';
import type { GrantEnsured } from '#activities/grants.ts';
import { formatClusterId } from '#libs/domain/azure-ids.ts';
import { fact } from '#libs/domain/events.ts';
import type { OperationInput } from '#libs/domain/operation-stream.ts';
import { surplusFindings } from '#libs/domain/provision-key-findings.ts';
import type { ProvisionRequest } from '#libs/domain/provision-request.ts';
import {
  accessPolicySpreadMs,
  dayMs,
  nameProbeIntervalMs,
  roleSpreadMs,
  rulePacks,
} from '#libs/domain/service-rules.ts';

import { bindCluster } from './bind.ts';
import { nameReserved } from './ending.ts';
import { observed } from './evidence.ts';
import { linkInPages, type Linked } from './links.ts';
import { probeWorkspaces } from './probe.ts';
import { azure } from './proxies.ts';
import { lookAgainMs, settleInAzure } from './settle.ts';
import type { Done, Work } from './work.ts';

/** The steps of a provision, by the names its plan gives them. Each looks first and is read back. */
export class ProvisionSteps {
  readonly #input: OperationInput<ProvisionRequest>;
  readonly #work: Work;
  #ownAccess: GrantEnsured | undefined;
  #keyVersion: KeyVersionEnsured | undefined;
  #principalId: string | undefined;
  #grant: GrantEnsured | undefined;
  #linked: Linked | undefined;
  #bindBegun: BindOrder | undefined;

  readonly #deeds: Readonly<Record<string, () => Promise<Done>>> = {
    vault: async () => await this.#ensureVault(),
    'vault-access': async () => await this.#ensureOwnAccess(),
    key: async () => await this.#ensureKey(),
    cluster: async () => await this.#createCluster(),
    grant: async () => await this.#grantKey(),
    bind: async () => await this.#bindKey(),
    link: async () => (this.#linked = await linkInPages(this.#work, this.#input.request)),
    probe: async () => await this.#probe(),
  };

  constructor(input: OperationInput<ProvisionRequest>, work: Work) {
    this.#input = input;
    this.#work = work;
  }

  /** Does the step of that name. */
  async do(name: string): Promise<Done> {
    return await needed(this.#deeds[name], `step ${name}`)();
  }

  /** Takes back the grant made for a cluster that never came under the key: it would serve nobody. */
  async undo(): Promise<void> {
    if (this.#grant?.added !== true || this.#work.timeline.of('KeyVersionBound').length > 0) return;
    const { vaultId } = this.#input.request.key;
    const { principalId } = this.#grant;
    if (await this.#mayBeBound()) return;
    await azure.removeGrant({ vaultId, principalId });
    this.#work.timeline.record(fact('GrantRemoved', { vaultId, principalId }));
  }

  /**
   * Whether a bind that was begun took effect, or may, without anybody having seen it: a cluster whose key
   * is taken from it loses its data. A request on its way when the operation ended gets a minute to arrive.
   */
  async #mayBeBound(): Promise<boolean> {
    if (this.#bindBegun === undefined) return false;
    await sleep(lookAgainMs);
    const { state } = await azure.settleBind(this.#bindBegun);
    return state !== 'wrong';
  }

  async #ensureVault(): Promise<Done> {
    const { region, tags, key } = this.#input.request;
    const { vaultId } = key;
    const planned = this.#work.timeline.operation.plan?.steps.find(({ name }) => name === 'vault');
    const mayProtect = planned?.effect === 'change';
    const ensured = await azure.ensureVault({ vaultId, region, tags, mayProtect });
    const { created, protected: wasProtected, requestId } = ensured;
    return {
      detail: created
        ? 'made, with purge protection'
        : wasProtected
          ? 'there, purge protection switched on'
          : 'there, recoverable',
      facts: [
        ...(created ? [fact('VaultCreated', { vaultId })] : []),
        ...(wasProtected ? [fact('VaultProtected', { vaultId })] : []),
      ],
      evidence: [observed('the vault is recoverable', requestId)],
    };
  }

  async #ensureOwnAccess(): Promise<Done> {
    const { vaultId } = this.#input.request.key;
    this.#ownAccess = await azure.ensureOwnAccess(vaultId);
    const { added, principalId, permissions } = this.#ownAccess;
    if (!added) return { detail: 'there already' };
    return { detail: 'granted', facts: [fact('GrantMade', { vaultId, principalId, permissions })] };
  }

  async #ensureKey(): Promise<Done> {
    const { operationId, request } = this.#input;
    this.#keyVersion = await azure.ensureKeyVersion({
      key: request.key,
      operationId,
      accessSpreadMs: spreadOf(this.#ownAccess),
    });
    const { kid, created, requestId, surplus = [] } = this.#keyVersion;
    return {
      detail: kid,
      facts: created ? [fact('KeyVersionCreated', { kid })] : [],
      findings: surplusFindings(surplus),
      evidence: [observed('the key version can wrap and unwrap', requestId)],
    };
  }

  async #createCluster(): Promise<Done> {
    const { cluster, region, capacityGbPerDay } = this.#input.request;
    const settled = await settleInAzure({
      work: this.#work,
      started: await this.#startWhenNameIsFree(),
      step: 'cluster',
      usually: 'Azure creates the cluster, usually within two hours',
      settle: async () => await azure.settleCluster(cluster),
    });
    const principalId = needed(settled.principalId, 'the identity of the cluster');
    this.#principalId = principalId;
    const { doubleEncryption } = settled;
    const made = {
      clusterId: formatClusterId(cluster),
      region,
      capacityGbPerDay,
      principalId,
      ...(doubleEncryption === undefined ? {} : { doubleEncryption }),
    };
    return {
      detail: settled.seen,
      facts: [fact('ClusterCreated', made)],
      evidence: [observed('the cluster is provisioned', settled.requestId)],
    };
  }

  async #grantKey(): Promise<Done> {
    const { vaultId } = this.#input.request.key;
    const principalId = needed(this.#principalId, 'the identity of the cluster');
    this.#grant = await azure.ensureGrant({ vaultId, principalId });
    const { added, permissions, requestId } = this.#grant;
    return {
      detail: permissions.join(', '),
      facts: added ? [fact('GrantMade', { vaultId, principalId, permissions })] : [],
      evidence: [observed('the identity of the cluster may use the key', requestId)],
    };
  }

  async #bindKey(): Promise<Done> {
    const { cluster, key } = this.#input.request;
    const { vaultUri, version, kid } = needed(this.#keyVersion, 'the key version');
    const automatic = key.mode === 'automatic';
    const order: BindOrder = {
      cluster,
      vaultId: key.vaultId,
      vaultUri,
      keyName: key.name,
      keyVersion: automatic ? '' : version,
      grantSpreadMs: spreadOf(this.#grant),
    };
    this.#bindBegun = order;
    const { requestId } = await bindCluster(this.#work, order);
    return {
      detail: automatic ? `follows the latest version, now ${version}` : `version ${version}`,
      facts: [
        fact('KeyVersionBound', { clusterId: formatClusterId(cluster), kid, mode: key.mode }),
      ],
      evidence: [observed('the cluster shows the key', requestId)],
    };
  }

  async #probe(): Promise<Done> {
    const { operationId: marker, request } = this.#input;
    const { customerIds } = needed(this.#linked, 'the links');
    return await probeWorkspaces({ workspaces: request.workspaces, customerIds, marker });
  }

  /** The PUT is the probe for a name whose release nobody knows; each wait gives the lane back (R43). */
  async #startWhenNameIsFree(): Promise<StartResult> {
    const { request } = this.#input;
    const giveUpAt = Date.now() + rulePacks.current.nameReservationDays * dayMs;
    for (;;) {
      const started = await azure.startCluster(request);
      if (started.state !== 'name-reserved') return started;
      if (request.onNameReserved === 'refuse' || Date.now() >= giveUpAt) {
        throw nameReserved(formatClusterId(request.cluster));
      }
      await this.#work.defer({
        step: 'cluster',
        reason: 'name_reserved',
        detail: 'a deleted cluster holds the name; its release is unknown, looking every six hours',
        wakeAt: Math.min(Date.now() + nameProbeIntervalMs, giveUpAt),
        known: false,
      });
    }
  }
}

/** How long a grant may take to be in effect; nothing, if it was there before. */
function spreadOf(grant: GrantEnsured | undefined): number {
  if (grant?.added !== true) return 0;
  return grant.model === 'role' ? roleSpreadMs : accessPolicySpreadMs;
}

/** What an earlier step has left; its absence is a bug in the order of steps. */
function needed<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`missing ${what}`);
  return value;
}
