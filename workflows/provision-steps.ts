import type { StartResult } from '#activities/clusters.ts';
import { formatClusterId } from '#libs/domain/azure-ids.ts';
import { fact } from '#libs/domain/events.ts';
import type { OperationInput } from '#libs/domain/operation-stream.ts';
import type { ProvisionRequest } from '#libs/domain/provision-request.ts';
import { dayMs, nameProbeIntervalMs, rulePacks } from '#libs/domain/service-rules.ts';

import { nameReserved } from './ending.ts';
import { observed } from './evidence.ts';
import { KeySteps } from './key-steps.ts';
import { linkInPages, type Linked } from './links.ts';
import { needed } from './needed.ts';
import { probeWorkspaces } from './probe.ts';
import { azure } from './proxies.ts';
import { settleInAzure } from './settle.ts';
import type { Done, Work } from './work.ts';

/** The steps of a provision, by the names its plan gives them. Each looks first and is read back. */
export class ProvisionSteps {
  readonly #input: OperationInput<ProvisionRequest>;
  readonly #work: Work;
  readonly #key: KeySteps;
  #principalId: string | undefined;
  #linked: Linked | undefined;

  readonly #deeds: Readonly<Record<string, () => Promise<Done>>> = {
    vault: async () => await this.#key.vault(),
    'vault-access': async () => await this.#key.ownAccess(),
    key: async () => await this.#key.keyVersion(),
    cluster: async () => await this.#createCluster(),
    grant: async () =>
      await this.#key.grant(needed(this.#principalId, 'the identity of the cluster')),
    bind: async () => await this.#key.bind(),
    link: async () => (this.#linked = await linkInPages(this.#work, this.#input.request)),
    probe: async () => await this.#probe(),
  };

  constructor(input: OperationInput<ProvisionRequest>, work: Work) {
    this.#input = input;
    this.#work = work;
    const { operationId, request } = input;
    this.#key = new KeySteps({ ...request, operationId }, work);
  }

  /** Does the step of that name. */
  async do(name: string): Promise<Done> {
    return await needed(this.#deeds[name], `step ${name}`)();
  }

  /** Takes back what would serve nobody. */
  async undo(): Promise<void> {
    await this.#key.undo();
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
