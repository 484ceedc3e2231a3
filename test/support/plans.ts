import { expect } from 'vitest';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import type { ProvisionBodyInput } from '#libs/contracts/http/provision-body.ts';
import type { SimulatorFile } from '#libs/dial/dial.ts';
import { endOf } from './operations.ts';
import type { Product } from './product.ts';
import { readExchanges } from './simulator-control.ts';

/** The operation that a request ended as, as its operator sees it. */
export async function planOf(product: Product, order: ProvisionBodyInput): Promise<OperationView> {
  const client = product.as('operator');
  const { operationId } = await client.provisionCluster(order);
  return await endOf(client, operationId);
}

/** A finding as far as a spec tells it. */
export interface Expected {
  readonly code: string;
  readonly rule: string;
  readonly target?: string;
}

/** Expects the finding in the plan, once, with a remedy, and as the only blocker if it is one. */
export async function expectFinding(
  product: Product,
  order: ProvisionBodyInput,
  expected: Expected & { readonly severity: 'blocker' | 'warning' },
): Promise<void> {
  const { state, plan } = await planOf(product, order);
  const found = plan?.findings.filter(({ code }) => code === expected.code);
  expect(found).toEqual([expect.objectContaining(expected)]);
  expect(found?.[0]?.remedy).not.toBe('');
  const blocks = expected.severity === 'blocker';
  const blockers = plan?.findings.filter(({ severity }) => severity === 'blocker');
  expect(blockers?.map(({ code }) => code)).toEqual(blocks ? [expected.code] : []);
  expect(state).toBe(blocks ? 'refused' : 'succeeded');
}

/** What Keyturn has sent to Azure to change something, in order. */
export async function writtenByKeyturn(simulator: SimulatorFile): Promise<string[]> {
  return (await readExchanges(simulator))
    .filter(({ principal, method }) => principal === 'keyturn' && method !== 'GET')
    .map(({ method, url }) => `${method} ${url}`);
}
