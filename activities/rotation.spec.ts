import { describe, expect, it, vi } from 'vitest';

import type { Azure } from '#libs/azure/azure.ts';
import { rulePacks } from '#libs/domain/service-rules.ts';

import { answer, runAttempt, seen, standInAzure } from './azure-stand-in.ts';
import { rotationActivities } from './rotation.ts';

const group = '/subscriptions/s/resourceGroups/g/providers';
const workspaceId = `${group}/Microsoft.OperationalInsights/workspaces/ws-audit`;
const [from, version] = ['a'.repeat(32), 'b'.repeat(32)];
const boundAt = Date.parse('2026-03-01T00:00:00Z');
const rotation = {
  vaultId: `${group}/Microsoft.KeyVault/vaults/KV-One`,
  keyName: 'cmk',
  mode: 'explicit',
  from,
} as const;
const cluster = { subscriptionId: 's', resourceGroup: 'g', name: 'clu' };
const minutes = 60_000;
const row = (of: string, after: number, status = 200) => ({
  Id: `https://kv-one.vault.azure.net/keys/cmk/${of}`,
  HttpStatusCode: status,
  Count: 7,
  Last: new Date(boundAt + after * minutes),
});

/** The proof over a cluster that shows a version and an audit that shows rows, or fails. */
function proofOver(
  rows: object[] | Error,
  given: { shown?: string; hasAudit?: boolean; mode?: 'explicit' | 'automatic' } = {},
) {
  const { shown = version, hasAudit = true, mode = 'explicit' } = given;
  const query = vi.fn<Azure['logs']['query']>(async () => {
    if (rows instanceof Error) throw rows;
    return await seen({ rows: rows as Record<string, unknown>[] });
  });
  const key = { vaultUri: 'https://kv-one.vault.azure.net', name: 'cmk', version: shown };
  const azure = standInAzure({
    clusters: { read: async () => await seen({ principalId: 'p-1', key } as never) },
    workspaces: { read: async () => await seen({ customerId: 'guid' } as never) },
    logs: { query },
  });
  const audit = hasAudit ? { workspaceId } : undefined;
  const fleet = { read: async () => await Promise.resolve(undefined) };
  const deeds = rotationActivities(azure, { rules: rulePacks.current, audit, fleet });
  const order = { cluster, rotation: { ...rotation, mode }, version, boundAt };
  const prove = async (patienceMs = 0, atMinutes = 20, told: unknown[] = []) =>
    await runAttempt(
      async () => await deeds.proveRotation({ ...order, patienceMs }),
      { currentAttemptScheduledTimestampMs: boundAt + atMinutes * minutes },
      told,
    );
  return { query, prove };
}

describe('the proof of a rotation', () => {
  it('asks the audit for the unwraps of this identity with this key since the bind', async () => {
    const { query, prove } = proofOver([row(from, 1), row(version, 15)]);
    await expect(prove()).resolves.toMatchObject({ evidence: { grade: 'proven' } });
    const [customerId, question] = query.mock.calls[0] ?? [];
    expect(customerId).toBe('guid');
    expect(question?.timespan).toMatch(/^PT480\dS$/u);
    for (const part of [
      '2026-03-01T00:00:00.000Z',
      "has 'p-1'",
      'kv-one.vault.azure.net/keys/cmk/',
    ])
      expect(question?.kql).toContain(part);
  });

  it('is what the cluster shows, and says why, while the audit shows too little', async () => {
    const { prove } = proofOver([row(from, 14), row(version, 15)]);
    await expect(prove()).resolves.toMatchObject({
      evidence: { grade: 'observed' },
      unproven: { isOpen: true, reason: expect.stringContaining(from) },
      findings: [{ code: 'old_version_in_use', rule: 'R96' }],
    });
  });

  it('looks again as long as it is given time', async () => {
    const { prove } = proofOver([]);
    await expect(prove(30 * minutes)).rejects.toMatchObject({ type: 'StillRunning' });
  });

  it.each([
    ['no such table', answer(400)],
    ['no right', answer(403)],
  ])('does not wait for an audit that cannot be read: %s', async (_, failure) => {
    const { prove } = proofOver(failure);
    await expect(prove(30 * minutes)).resolves.toMatchObject({
      evidence: { grade: 'observed' },
      unproven: { isOpen: false },
      findings: [{ code: 'audit_silent' }],
    });
  });

  it('is tried again when the service that is asked fails', async () => {
    const { prove } = proofOver(answer(503));
    await expect(prove()).rejects.toMatchObject({ type: 'Transient' });
  });

  it('says that no audit is configured, and asks none', async () => {
    const { query, prove } = proofOver([], { hasAudit: false });
    await expect(prove()).resolves.toMatchObject({
      evidence: { grade: 'observed' },
      unproven: { reason: expect.stringContaining('configured') },
    });
    expect(query).not.toHaveBeenCalled();
  });

  it('watches the pick-up where the cluster follows the latest and shows no version', async () => {
    const options = { shown: '', mode: 'automatic' } as const;
    const { prove } = proofOver([row(version, 15)], options);
    await expect(prove()).resolves.toMatchObject({ evidence: { grade: 'proven' } });
    const silent = proofOver([], options);
    await expect(silent.prove()).resolves.toMatchObject({ evidence: { grade: 'assumed' } });
  });

  it('names the other version that the cluster shows', async () => {
    await expect(proofOver([], { shown: from }).prove()).resolves.toMatchObject({ other: from });
  });
});
