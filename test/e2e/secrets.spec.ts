import { readFile, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import proto from '@temporalio/proto';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import { withEngine } from '../support/engine.ts';
import { tokenFor } from '../support/entra.ts';
import { endOf } from '../support/operations.ts';
import { orderFor, workspaceNamed } from '../support/orders.ts';
import { startProduct, type Product } from '../support/product.ts';
import { askApi } from '../support/raw-api.ts';
import { exchangesOf, plantFault } from '../support/simulator-control.ts';

const { History } = proto.temporal.api.history.v1;

let product: Product;
let operationId: string;
/** What the product writes down, as text of its bytes. */
let histories: string;
let ledger: string;
let log: string;

beforeAll(async () => {
  // The most that may be said.
  vi.stubEnv('LOG_LEVEL', 'trace');
  product = await startProduct(inject('temporalAddress'));
  const { simulator, api } = product.stack;
  const failing = { kind: 'status', status: 503 } as const;
  await plantFault(simulator, { principal: 'keyturn', count: 3, action: failing });
  const body = {
    ...orderFor(simulator, 'clu-secret'),
    workspaces: [workspaceNamed(simulator, 'ws-audit')],
  };
  ({ operationId } = await product.as('operator').provisionCluster(body));
  expect((await endOf(product.as('operator'), operationId)).state).toBe('succeeded');
  const token = await tokenFor(simulator, 'owner', 'https://management.azure.com/.default');
  await askApi(api, { path: '/v1/clusters', token });
  histories = await readHistories();
  ledger = await readLedger();
  log = product.log.join('\n');
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await product.stop();
});

/** Every history of the namespace, byte for byte. */
async function readHistories(): Promise<string> {
  const { namespace } = product.stack;
  return await withEngine(product.stack, async ({ workflowService }) => {
    const { executions } = await workflowService.listWorkflowExecutions({ namespace });
    const texts: string[] = [];
    for (const { execution } of executions) {
      let nextPageToken: Uint8Array = Buffer.alloc(0);
      do {
        const page = await workflowService.getWorkflowExecutionHistory({
          namespace,
          nextPageToken,
          ...(execution != null && { execution }),
        });
        nextPageToken = page.nextPageToken;
        const bytes = History.encode(page.history ?? {}).finish();
        texts.push(Buffer.from(bytes).toString('latin1'));
      } while (nextPageToken.length > 0);
    }
    return texts.join('\n');
  });
}

/** The ledger's file and what SQLite keeps beside it. */
async function readLedger(): Promise<string> {
  const folder = dirname(product.stack.ledger);
  const names = await readdir(folder);
  const files = names.filter((name) => name.startsWith(basename(product.stack.ledger)));
  const texts = files.map(async (name) => await readFile(join(folder, name), 'latin1'));
  return (await Promise.all(texts)).join('\n');
}

/** Secrets of every principal, and the private halves of every key in the simulated world. */
async function readSecrets(): Promise<string[]> {
  const { caFile, principals } = product.stack.simulator;
  const journal = await readFile(join(dirname(caFile), 'journal.jsonl'), 'utf8');
  const members = journal.matchAll(/"(?:d|p|q|dp|dq|qi|clientSecret)":"(?<value>[^"]{16,})"/gu);
  const values = [...members].map(({ groups }) => groups?.['value'] ?? '');
  return [...new Set([...values, ...principals.map(({ clientSecret }) => clientSecret)])];
}

it('finds what must be there, so that its silence means something', async () => {
  for (const text of [histories, ledger, log]) expect(text).toContain(operationId);
  expect(histories).toContain('clu-secret');
  expect(log).toContain('"level":"debug"');
});

it('finds no client secret and no private key in history, ledger or log', async () => {
  const secrets = await readSecrets();
  // Seven principals; six private members of the key in the vault and of the key that signs tokens.
  expect(secrets.length).toBeGreaterThanOrEqual(7 + 6 + 6);
  for (const text of [histories, ledger, log]) {
    expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
  }
});

it('finds no token and no header that carries one', async () => {
  const token = await tokenFor(product.stack.simulator, 'owner', 'api://keyturn/.default');
  const traces = /eyJ[\w-]{10,}\.eyJ[\w-]{10,}|bearer [\w.-]{20,}|-----BEGIN [A-Z ]*PRIVATE/iu;
  expect(traces.exec(`x ${token}`)).not.toBeNull();
  for (const text of [histories, ledger, log]) expect(traces.exec(text)?.[0]).toBeUndefined();
});

it('finds Azure’s signed operation address in a history alone', async () => {
  const seen = await exchangesOf(product.stack.simulator, /\/operationstatuses\//iu);
  const signed = [...new Set(seen.map(({ url }) => url))];
  expect(signed.length).toBeGreaterThanOrEqual(2);
  expect(signed.filter((url) => !histories.includes(url))).toEqual([]);
  const signatures = signed.map((url) => new URL(url).searchParams.get('s') ?? url);
  for (const text of [ledger, log]) {
    expect(signatures.filter((signature) => text.includes(signature))).toEqual([]);
  }
});
