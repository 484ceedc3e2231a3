import { AzureFault } from '../azure-fault.ts';
import { misfit } from '../body-shape.ts';
import type { Shape } from '../body-shape.ts';
import type { Answer, Call, Principal, Route } from '../route.ts';
import { errorBody } from '../services.ts';
import type { Transaction } from '../store.ts';
import { badParameter } from './key-faults.ts';
import { refuseClient } from './network-rules.ts';
import { writeAudit } from './vault-audit.ts';
import { findReachableVault } from './vault-documents.ts';
import type { Vault } from './vault-documents.ts';
import { requireRight } from './vault-rights.ts';

export const keyApiVersions: readonly string[] = [
  '7.0',
  '7.1',
  '7.2',
  '7.3',
  // Debian's Python client asks for this one.
  '7.4-preview.1',
  '7.4',
  '7.5',
  '7.6',
  '2025-07-01',
];

/** One operation of the keys' data plane. */
export interface KeyOperation {
  method: string;
  path: string;
  /** Its name in the audit log. */
  audit: string;
  /** Data action, after `Microsoft.KeyVault/vaults/`. */
  action: string;
  /** Access-policy word where the action alone does not say it. */
  permission?: string;
  /** What the body has to look like where there is one. */
  body?: Shape;
  /** Must refuse before it writes: a refusal is answered and logged, not undone. */
  handle(call: Call, vault: Vault): Answer | Promise<Answer>;
}

/** Puts network rules, authorisation and the audit log before an operation. */
export function toRoute(operation: KeyOperation): Route {
  const { method, path } = operation;
  const handle = (call: Call) => open(call, operation);
  return { service: 'vault', method, path, apiVersions: keyApiVersions, handle };
}

/** The vault behind a host name, or undefined where no such name resolves: none, deleted, or not registered yet. */
export function vaultOfHost(tx: Pick<Transaction, 'get' | 'now'>, host: string): Vault | undefined {
  const name = /^([^.]+)\.vault\.azure\.net(?::\d+)?$/i.exec(host)?.[1];
  return name === undefined ? undefined : findReachableVault(tx, name);
}

async function open(call: Call, operation: KeyOperation): Promise<Answer> {
  const vault = vaultOfHost(call.tx, call.host);
  if (vault === undefined || call.principal === undefined) {
    throw new AzureFault(404, { code: 'VaultNotFound', message: `${call.host} does not resolve.` });
  }
  const answer = await answerOrRefuse({ call, vault, operation, principal: call.principal });
  const code = (answer.body as { error?: { code?: string } } | undefined)?.error?.code;
  writeAudit(call.tx, {
    vault: vault.name,
    operation: operation.audit,
    callerObjectId: call.principal.objectId,
    target: `${call.origin}${call.path}`,
    status: answer.status,
    ...(code !== undefined && { code }),
  });
  return answer;
}

function checkBody({ body: shape }: KeyOperation, call: Call): void {
  if (shape === undefined || call.body === undefined) return;
  const path = misfit(call.body, shape);
  if (path !== undefined) throw badParameter(`Property ${path} has invalid value`);
}

interface Opening {
  call: Call;
  vault: Vault;
  operation: KeyOperation;
  principal: Principal;
}

async function answerOrRefuse(opening: Opening): Promise<Answer> {
  const { call, vault, operation, principal } = opening;
  const { name } = call.params;
  const { action, permission } = operation;
  try {
    refuseClient(vault);
    requireRight(call.tx, {
      vault,
      principal,
      action,
      ...(name !== undefined && { keyName: name }),
      ...(permission !== undefined && { permission }),
    });
    checkBody(operation, call);
    return await operation.handle(call, vault);
  } catch (error) {
    if (!(error instanceof AzureFault)) throw error;
    const headers = error.extra.headers;
    return {
      status: error.status,
      ...(headers && { headers }),
      body: errorBody('vault', error),
    };
  }
}
