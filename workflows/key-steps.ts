import { sleep } from '@temporalio/workflow';

import type { BindOrder } from '#activities/clusters.ts';
import type { GrantEnsured } from '#activities/grants.ts';
import type { KeyVersionEnsured } from '#activities/keys.ts';
import { formatClusterId, type ClusterId } from '#libs/domain/azure-ids.ts';
import { fact } from '#libs/domain/events.ts';
import { surplusFindings } from '#libs/domain/surplus-versions.ts';
import type { KeyRequest } from '#libs/domain/provision-request.ts';

import { bindCluster } from './bind.ts';
import { observed } from './evidence.ts';
import { spreadOf } from './grant-spread.ts';
import { needed } from './needed.ts';
import { azure } from './proxies.ts';
import { lookAgainMs } from './settle.ts';
import type { Done, Work } from './work.ts';

/** Which key a cluster is brought under, and by which operation. */
export interface KeyOfCluster {
  readonly operationId: string;
  readonly cluster: ClusterId;
  readonly key: KeyRequest;
  /** Where a vault is made that is not there, and with which tags. */
  readonly region: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** The steps by which a cluster comes under a key: vault, own access, key, grant, bind; each is read back. */
export class KeySteps {
  readonly #wanted: KeyOfCluster;
  readonly #work: Work;
  #ownAccess: GrantEnsured | undefined;
  #keyVersion: KeyVersionEnsured | undefined;
  #grant: GrantEnsured | undefined;
  #bindBegun: BindOrder | undefined;

  constructor(wanted: KeyOfCluster, work: Work) {
    this.#wanted = wanted;
    this.#work = work;
  }

  /** The version that the cluster is bound to. */
  get version(): string {
    return needed(this.#keyVersion, 'the key version').version;
  }

  get #named() {
    const { vaultId, name: keyName } = this.#wanted.key;
    return { vaultId, keyName };
  }

  async vault(): Promise<Done> {
    const { region, tags, key } = this.#wanted;
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

  async ownAccess(): Promise<Done> {
    const { vaultId } = this.#wanted.key;
    this.#ownAccess = await azure.ensureOwnAccess(vaultId);
    const { added, principalId, permissions } = this.#ownAccess;
    if (!added) return { detail: 'there already' };
    return { detail: 'granted', facts: [fact('GrantMade', { vaultId, principalId, permissions })] };
  }

  async keyVersion(): Promise<Done> {
    const { operationId, key } = this.#wanted;
    const order = { key, operationId, accessSpreadMs: spreadOf(this.#ownAccess) };
    const ensure = async () => await azure.ensureKeyVersion(order);
    this.#keyVersion = await (key.source === 'use'
      ? ensure()
      : this.#work.withKey({ ...this.#named, how: 'exclusive' }, ensure));
    const { kid, created, requestId, surplus = [] } = this.#keyVersion;
    return {
      detail: kid,
      facts: created ? [fact('KeyVersionCreated', { kid })] : [],
      findings: surplusFindings(surplus),
      evidence: [observed('the key version can wrap and unwrap', requestId)],
    };
  }

  /** Lets the identity of the cluster use the key. */
  async grant(principalId: string): Promise<Done> {
    const { vaultId } = this.#wanted.key;
    this.#grant = await azure.ensureGrant({ vaultId, principalId });
    const { added, permissions, requestId } = this.#grant;
    return {
      detail: permissions.join(', '),
      facts: added ? [fact('GrantMade', { vaultId, principalId, permissions })] : [],
      evidence: [observed('the identity of the cluster may use the key', requestId)],
    };
  }

  async bind(): Promise<Done> {
    const { cluster, key } = this.#wanted;
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
    const { requestId } = await this.#work.withKey(
      { ...this.#named, how: 'shared' },
      async () => await bindCluster(this.#work, order),
    );
    return {
      detail: automatic ? `follows the latest version, now ${version}` : `version ${version}`,
      facts: [
        fact('KeyVersionBound', { clusterId: formatClusterId(cluster), kid, mode: key.mode }),
      ],
      evidence: [observed('the cluster shows the key', requestId)],
    };
  }

  /** Takes back the grant made for a cluster that never came under the key: it would serve nobody. */
  async undo(): Promise<void> {
    if (this.#grant?.added !== true || this.#work.timeline.of('KeyVersionBound').length > 0) return;
    const { vaultId } = this.#wanted.key;
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
}
