import type { Azure } from '#libs/azure/azure.ts';
import type { ServiceRules } from '#libs/domain/service-rules.ts';
import type { Ledger } from '#libs/ledger/ledger.ts';

import { clusterActivities } from './clusters.ts';
import { disableVersionActivities } from './disable-version.ts';
import { discoveryActivities } from './discovery.ts';
import { grantActivities } from './grants.ts';
import { openImportFolder } from './import-folder.ts';
import { keyEntityActivities, type KeyEntities } from './key-entities.ts';
import { keyRestoreActivities } from './key-restore.ts';
import { keySwitchActivities } from './key-switch.ts';
import { keyActivities } from './keys.ts';
import { inspectAllActivities, type Fleet } from './inspect-all.ts';
import type { AuditSource } from './key-uses.ts';
import { ledgerActivities } from './ledger.ts';
import { linkActivities } from './links.ts';
import { planningActivities } from './planning.ts';
import { probeActivities, type ProbeTarget } from './probes.ts';
import { recoveryActivities } from './recovery.ts';
import { replacementActivities } from './replacement.ts';
import { retirementActivities } from './retirement.ts';
import { refusalActivities } from './refusals.ts';
import { revocationActivities } from './revocation.ts';
import { rotateTogetherActivities } from './rotate-together.ts';
import { rotationActivities } from './rotation.ts';
import { vaultActivities } from './vaults.ts';
import { waitForAzureWith } from './wait-for-azure.ts';

/** What the deeds are done with. */
export interface Dependencies {
  readonly azure: Azure;
  readonly rules: ServiceRules;
  /** Where probes are sent; without it none is, and evidence is of a lower grade. */
  readonly probe?: ProbeTarget;
  /** Where the audit of vaults is to be read; without it no use of a key version is proven. */
  readonly audit?: AuditSource;
  /** The entities that the hourly inspection reads and tells, and that rotations of shared keys order from. */
  readonly fleet: Fleet;
  /** Where files of keys to be imported lie; absent, none can be. */
  readonly importFolder?: string;
}

/** The deeds that reach Azure, for the queue of that name. */
export function createAzureActivities({
  azure,
  rules,
  fleet,
  probe,
  audit,
  importFolder: path,
}: Dependencies) {
  const importFolder = openImportFolder(path);
  return {
    ...planningActivities({ azure, rules, importFolder, probes: probe !== undefined }),
    ...discoveryActivities(azure),
    ...inspectAllActivities(azure, fleet),
    ...rotationActivities(azure, { rules, audit, fleet }),
    ...rotateTogetherActivities(fleet),
    ...replacementActivities({ azure, rules, importFolder, probes: probe !== undefined }),
    ...retirementActivities(azure, { rules, audit }),
    ...disableVersionActivities(azure),
    ...refusalActivities(azure, audit),
    ...revocationActivities(azure, { rules, probes: probe !== undefined }),
    ...recoveryActivities(azure, { rules, probes: probe !== undefined }),
    ...vaultActivities(azure),
    ...grantActivities(azure),
    ...keyActivities(azure, importFolder),
    ...keySwitchActivities(azure),
    ...keyRestoreActivities(azure),
    ...clusterActivities(azure),
    ...linkActivities(azure),
    ...probeActivities(azure, probe),
    waitForAzure: waitForAzureWith(azure),
  };
}

/** The deeds that run beside the workflows: they touch nothing but the ledger. */
export const createLedgerActivities = (ledger: Ledger) => ledgerActivities(ledger);

/** The deeds that run beside the workflows and reach the entities of keys. */
export const createKeyEntityActivities = (entities: KeyEntities) => keyEntityActivities(entities);

export type AzureActivities = ReturnType<typeof createAzureActivities>;
export type LedgerActivities = ReturnType<typeof createLedgerActivities>;
export type KeyEntityActivities = ReturnType<typeof createKeyEntityActivities>;
