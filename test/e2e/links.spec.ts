import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { z } from 'zod';
import type { ProvisionBodyInput } from '#libs/contracts/http/provision-body.ts';
import { operationWorkflowId } from '#libs/contracts/temporal.ts';
import { linkByHand, makeCluster, unlinkByHand } from '../support/by-hand.ts';
import { countEvents } from '../support/engine.ts';
import { endOf, operationWhen } from '../support/operations.ts';
import { orderFor, providersOf, workspaceNamed } from '../support/orders.ts';
import { realTime, startProduct, type Product } from '../support/product.ts';
import { askControl, exchangesOf, plantFault } from '../support/simulator-control.ts';

describe('forty workspaces', () => {
  let product: Product;
  let order: ProvisionBodyInput;
  let operationId: string;

  beforeAll(async () => {
    product = await startProduct(inject('temporalAddress'));
    const { simulator } = product.stack;
    await askControl(simulator, 'POST /seed', { name: 'fleet' });
    const names = Array.from(
      { length: 40 },
      (_, index) => `ws-team-${String(index + 1).padStart(2, '0')}`,
    );
    const workspaces = names.map((name) => workspaceNamed(simulator, name));
    order = { ...orderFor(simulator, 'clu-fleet'), workspaces };
    ({ operationId } = await product.as('operator').provisionCluster(order));
  });

  afterAll(async () => {
    await product.stop();
  });

  it('are linked by one request', async () => {
    const reader = product.as('reader');
    const operation = await endOf(reader, operationId);
    expect(operation.state).toBe('succeeded');
    expect(operation.steps.find(({ name }) => name === 'link')?.detail).toBe(
      '40 workspaces linked',
    );
    await vi.waitFor(async () => {
      expect((await reader.readCluster(order.cluster)).linkedWorkspaces).toBe(40);
    });
  });

  it('are linked once each, twenty at a time', async () => {
    const { simulator } = product.stack;
    const begun = (await exchangesOf(simulator, /\/linkedServices\/cluster\?/iu)).filter(
      ({ method }) => method === 'PUT',
    );
    expect(begun).toHaveLength(40);
    const ended = links
      .parse(await (await askControl(simulator, 'GET /state')).json())
      .linkedServices.map(({ linkedSince }) => linkedSince);
    expect(ended).toHaveLength(40);
    // How many were under way, counted at each beginning; an end at the same instant comes first.
    const underWay = begun.map(({ at }) => {
      const now = Date.parse(at);
      const isBegun = ({ at: other }: { at: string }) => Date.parse(other) <= now;
      return begun.filter(isBegun).length - ended.filter((end) => end <= now).length;
    });
    expect(Math.max(...underWay)).toBe(20);
  });

  it('cost a history that hardly grows with them', async () => {
    const events = await countEvents(product.stack, operationWorkflowId(operationId));
    expect(events).toBeGreaterThan(100);
    expect(events).toBeLessThanOrEqual(180);
  });
});

const links = z.object({ linkedServices: z.array(z.object({ linkedSince: z.number() })) });

describe('a workspace that somebody else takes while it is being linked', () => {
  let product: Product;

  beforeAll(async () => {
    product = await startProduct(inject('temporalAddress'), realTime);
  });

  afterAll(async () => {
    await product.stop();
  });

  /** Provisions with one workspace; the record of its link lags behind, and the operator is elsewhere. */
  async function linked(name: string, workspace: string): Promise<string> {
    const { simulator } = product.stack;
    const action = { kind: 'record-late', seconds: 4 } as const;
    const path = `${workspace}/linkedServices/cluster`;
    await plantFault(simulator, { method: 'PUT', path, principal: 'keyturn', count: 1, action });
    const body = { ...orderFor(simulator, name), workspaces: [workspace] };
    const { operationId } = await product.as('operator').provisionCluster(body);
    await operationWhen(product.as('reader'), operationId, ({ steps }) =>
      steps.some((step) => step.name === 'link' && step.state === 'waiting'),
    );
    return operationId;
  }

  const attentionOf = async (id: string) =>
    (await operationWhen(product.as('reader'), id, ({ state }) => state === 'attention')).attention;

  it('stays with the other cluster, and the operation names both', async () => {
    const { simulator } = product.stack;
    const rival = await makeCluster(simulator, 'clu-rival');
    const workspace = workspaceNamed(simulator, 'ws-audit');
    const id = await linked('clu-slow', workspace);
    await unlinkByHand(simulator, workspace);
    await linkByHand(simulator, workspace, rival);

    const attention = await attentionOf(id);
    expect(attention).toMatchObject({ step: 'link', seen: expect.stringContaining(workspace) });
    expect(attention?.reason.toLowerCase()).toContain(
      `the workspace is linked to ${rival.toLowerCase()}. unlink it from there first`,
    );

    const operator = product.as('operator');
    await operator.cancelOperation(id);
    const { state, outcome } = await endOf(operator, id);
    expect(state).toBe('cancelled');
    const cluster = `${providersOf(simulator)}/Microsoft.OperationalInsights/clusters/clu-slow`;
    expect(outcome?.left).toContain(`cluster ${cluster}, billed from its creation`);
  });

  it('and lets go of again is linked when the operation is resumed', async () => {
    const { simulator } = product.stack;
    const workspace = workspaceNamed(simulator, 'ws-trading');
    const id = await linked('clu-again', workspace);
    await unlinkByHand(simulator, workspace);
    expect(await attentionOf(id)).toMatchObject({
      step: 'link',
      seen: expect.stringContaining(`${workspace}: no link`),
    });
    const operator = product.as('operator');
    await operator.resumeOperation(id);
    expect((await endOf(operator, id)).state).toBe('succeeded');
  });
});
