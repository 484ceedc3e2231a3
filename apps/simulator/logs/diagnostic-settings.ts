import { requireLinkedRight } from '../arm/linked-scope.ts';
import { AzureFault } from '../azure-fault.ts';
import { findVault, vaultNameOfId } from '../key-vault/vault-documents.ts';
import type { Vault } from '../key-vault/vault-documents.ts';
import { findWorkspace } from '../providers/operational-insights/documents.ts';
import type { Answer, Call, Route } from '../route.ts';
import type { Transaction } from '../store.ts';

/** Where a vault sends its logs. */
export interface DiagnosticSetting {
  readonly id: string;
  readonly name: string;
  /** Name of the vault. */
  readonly vault: string;
  readonly properties: SettingProperties;
  /** What happened before, epoch ms, was not sent. */
  readonly since: number;
}

interface SettingProperties {
  readonly workspaceId?: string | null;
  readonly logAnalyticsDestinationType?: string | null;
  readonly logs?: readonly {
    readonly category?: string | null;
    readonly categoryGroup?: string | null;
    readonly enabled?: boolean;
  }[];
}

const COLLECTION = 'diagnosticSettings';
const TYPE = 'Microsoft.Insights/diagnosticSettings';
const LIST =
  '/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}/providers/Microsoft.KeyVault/vaults/{vault}/providers/Microsoft.Insights/diagnosticSettings';
const apiVersions = ['2017-05-01-preview', '2021-05-01-preview'];
/** R183: what a vault writes of who used its keys, and the groups of logs that hold it. */
const ofAudit = ['AuditEvent', 'audit', 'allLogs'];

/** Microsoft.Insights/diagnosticSettings of vaults: who gets a vault's audit log. */
export const diagnosticRoutes: readonly Route[] = [
  route('GET', LIST, (call) => {
    const { name } = requireVault(call);
    const value = settingsOfVault(call.tx, name).map(toArm);
    return { status: 200, body: { value } };
  }),
  route('GET', `${LIST}/{name}`, (call) => {
    const found = find(call);
    if (found !== undefined) return { status: 200, body: toArm(found) };
    const message = `The diagnostic setting '${call.params['name'] ?? ''}' doesn't exist.`;
    throw new AzureFault(404, { code: 'ResourceNotFound', message });
  }),
  route('PUT', `${LIST}/{name}`, put),
  route('DELETE', `${LIST}/{name}`, (call) => {
    const found = find(call);
    if (found === undefined) return { status: 204 };
    call.tx.remove(COLLECTION, found.id);
    return { status: 200 };
  }),
];

/** The settings that send a vault's audit log to the workspace, into the table of its own. */
export function auditSettingsTo(tx: Transaction, workspaceId: string): DiagnosticSetting[] {
  return tx.list<DiagnosticSetting>(COLLECTION).filter(({ properties }) => {
    const { workspaceId: target, logs = [], logAnalyticsDestinationType: kind } = properties;
    const isSent = logs.some(
      ({ category, categoryGroup, enabled }) =>
        enabled === true && ofAudit.includes(category ?? categoryGroup ?? ''),
    );
    return target?.toLowerCase() === workspaceId.toLowerCase() && isSent && kind === 'Dedicated';
  });
}

function route(method: string, path: string, handle: Route['handle']): Route {
  const verb = { PUT: 'write', DELETE: 'delete' }[method] ?? 'read';
  const body =
    method === 'PUT'
      ? {
          body: {
            properties: {
              workspaceId: 'text',
              logAnalyticsDestinationType: 'text',
              logs: [{ category: 'text', categoryGroup: 'text', enabled: 'flag' }],
            },
          } as const,
        }
      : {};
  return { service: 'arm', method, path, apiVersions, action: `${TYPE}/${verb}`, ...body, handle };
}

function put(call: Call): Answer {
  const vault = requireVault(call);
  const { properties = {} } = (call.body ?? {}) as { properties?: SettingProperties | null };
  const { workspaceId } = properties ?? {};
  if (typeof workspaceId !== 'string') {
    throw bad('At least one data sink needs to be specified.');
  }
  if (findWorkspace(call.tx, workspaceId) === undefined) {
    throw new AzureFault(404, {
      code: 'ResourceNotFound',
      message: `The Resource '${workspaceId}' was not found.`,
    });
  }
  requireLinkedRight(call, {
    own: `${TYPE}/write`,
    action: 'Microsoft.OperationalInsights/workspaces/sharedKeys/action',
    resource: workspaceId,
  });
  const name = call.params['name'] ?? '';
  const id = idOf(vault, name);
  const since = find(call)?.since ?? call.tx.now;
  const setting: DiagnosticSetting = {
    id,
    name,
    vault: vault.name,
    properties: { ...properties },
    since,
  };
  call.tx.put(COLLECTION, id, setting);
  call.tx.note('diagnostic setting written');
  return { status: 200, body: toArm(setting) };
}

function find(call: Call): DiagnosticSetting | undefined {
  const vault = requireVault(call);
  return call.tx.get<DiagnosticSetting>(COLLECTION, idOf(vault, call.params['name'] ?? ''));
}

const settingsOfVault = (tx: Transaction, vault: string): DiagnosticSetting[] =>
  tx.list<DiagnosticSetting>(COLLECTION).filter((setting) => setting.vault === vault);

const idOf = (vault: Vault, name: string): string => `${vault.id}/providers/${TYPE}/${name}`;

function requireVault(call: Call): Vault {
  const vault = findVault(call.tx, vaultNameOfId(call.path) ?? '');
  if (vault !== undefined && call.path.toLowerCase().startsWith(vault.id.toLowerCase()))
    return vault;
  throw new AzureFault(404, {
    code: 'ResourceNotFound',
    message: `The Resource 'Microsoft.KeyVault/vaults/${call.params['vault'] ?? ''}' under resource group '${call.params['resourceGroup'] ?? ''}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  });
}

function toArm({ id, name, properties }: DiagnosticSetting): object {
  return { id, name, type: TYPE, properties };
}

const bad = (message: string): AzureFault => new AzureFault(400, { code: 'BadRequest', message });
