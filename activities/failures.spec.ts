import {
  type ApplicationFailure,
  ApplicationFailureCategory,
  CancelledFailure,
} from '@temporalio/common';
import { describe, expect, it } from 'vitest';

import type { AzureErrorKind } from '#libs/azure/azure-error.ts';

import { answer, azureError } from './azure-stand-in.ts';
import { again, final, judge } from './failures.ts';

describe('a call without an answer', () => {
  it.each<AzureErrorKind>(['network', 'timeout', 'credential-outage'])(
    'is tried again when it failed by %s',
    (kind) => {
      const failure = judge(azureError({ kind }), 100);
      expect(failure).toMatchObject({ type: 'Transient', nonRetryable: false });
    },
  );

  it('stays a cancellation when it was cancelled', () => {
    expect(judge(azureError({ kind: 'cancelled' }), 1)).toBeInstanceOf(CancelledFailure);
  });

  it('is tried four times again when the credential is refused, then ends', () => {
    const refused = azureError({ kind: 'credential', azureMessage: 'AADSTS7000222' });
    expect(judge(refused, 4)).toMatchObject({ type: 'CredentialRefused', nonRetryable: false });
    expect(judge(refused, 5)).toMatchObject({ type: 'CredentialRefused', nonRetryable: true });
  });
});

describe('an answer', () => {
  it('of too many requests waits as long as Azure asks, quietly', () => {
    expect(judge(azureError({ status: 429, retryAfterMs: 7_000 }), 1)).toMatchObject({
      type: 'Throttled',
      nonRetryable: false,
      nextRetryDelay: 7_000,
      category: ApplicationFailureCategory.BENIGN,
    });
  });

  it('of too many requests without a time waits ten seconds', () => {
    expect(judge(answer(429), 1)).toMatchObject({ nextRetryDelay: 10_000 });
  });

  it.each([408, 500, 502, 503, 504])('of %i is tried again by the policy', (status) => {
    const failure = judge(answer(status), 100);
    expect(failure).toMatchObject({ type: 'Transient', nonRetryable: false });
    expect(failure).toHaveProperty('nextRetryDelay', undefined);
  });

  it('of 503 waits as long as Azure asks', () => {
    const failure = judge(azureError({ status: 503, retryAfterMs: 30_000 }), 1);
    expect(failure).toMatchObject({ type: 'Transient', nextRetryDelay: 30_000 });
  });

  it('that forbids names the action that is missing', () => {
    const words = "The client 'x' does not have authorization to perform action 'A/b/write' over";
    expect(judge(answer(403, words), 1)).toMatchObject({
      type: 'PermissionMissing',
      nonRetryable: true,
      details: [
        {
          code: 'missing_permission',
          severity: 'blocker',
          reason: 'the identity of Keyturn may not perform A/b/write',
          target: '/thing',
        },
      ],
    });
  });

  it('that forbids without naming an action repeats what Azure said', () => {
    const failure = judge(answer(403, 'Caller is not allowed'), 1) as ApplicationFailure;
    expect(failure.details).toMatchObject([{ reason: 'trying /thing: 403 Caller is not allowed' }]);
  });

  it('nobody knows is tried nine times again, then ends', () => {
    expect(judge(answer(418), 9)).toMatchObject({ type: 'UnknownAnswer', nonRetryable: false });
    expect(judge(answer(418), 10)).toMatchObject({ type: 'UnknownAnswer', nonRetryable: true });
  });
});

describe('known words of the service', () => {
  it.each([
    [400, 'Operation cannot be executed now. Wait for the Async operation to complete.'],
    [400, 'Cluster is in deleting state. Wait for the Async operation to complete.'],
    [409, 'Cannot delete a cluster while in provisioning state.'],
    [409, 'Workspace link or unlink operation in process.'],
  ])('%i "%s" wait fifteen seconds, quietly', (status, words) => {
    expect(judge(answer(status, words), 100)).toMatchObject({
      type: 'Busy',
      nonRetryable: false,
      nextRetryDelay: 15_000,
      category: ApplicationFailureCategory.BENIGN,
    });
  });

  it('of a busy resource wait as long as Azure asks', () => {
    const azureMessage = 'Operation cannot be executed now.';
    const failure = judge(azureError({ status: 400, azureMessage, retryAfterMs: 4_000 }), 1);
    expect(failure).toMatchObject({ type: 'Busy', nextRetryDelay: 4_000 });
  });

  it.each([
    [400, 'Cluster name is not valid.', 'invalid_request R100'],
    [400, 'The body of the request is null or in bad format.', 'invalid_request R101'],
    [400, 'SKU name is invalid.', 'invalid_request R102-R106'],
    [400, 'Capacity was provided but SKU is not', 'invalid_request R102-R106'],
    [400, 'Missing Capacity', 'invalid_request R102-R106'],
    [400, 'No SKU was set.', 'invalid_request R102-R106'],
    [400, 'CapacityReservationLevel must be an allowed value', 'invalid_request C17'],
    [400, 'Capacity is locked for 30 days.', 'invalid_request R105'],
    [400, 'Identity is null or empty.', 'invalid_request R107-R108'],
    [400, 'KeyVaultProperties are set on creation.', 'invalid_request R107-R108'],
    [400, 'KeyVaultProperties is not empty but has a bad format.', 'invalid_request R111'],
    [400, 'Failed to validate key in Key Vault.', 'key_unusable R112'],
    [400, 'Key is not recoverable.', 'key_not_recoverable R113'],
    [404, 'Workspace not found.', 'workspace_missing R118'],
    [400, 'Cluster not found', 'cluster_unknown R120'],
    [
      400,
      'westeurope doesn’t support Double Encryption for clusters.',
      'double_encryption_unsupported R123',
    ],
    [400, 'The workspace is linked to another cluster.', 'linked_elsewhere R72'],
  ])('%i "%s" end as %s', (status, words, refusal) => {
    const failure = judge(answer(status, words), 1);
    expect(failure).toMatchObject({ type: 'RefusedByRule', nonRetryable: true });
    expect((failure as ApplicationFailure).details).toMatchObject([
      { code: refusal.split(' ')[0], rule: refusal.split(' ')[1], severity: 'blocker' },
    ]);
  });
});

describe('what is not an error of Azure', () => {
  it.each([again('Busy', 'later', 1), final('NotAsExpected', 'no'), new CancelledFailure('end')])(
    'passes when it is sorted already: $message',
    (sorted) => {
      expect(judge(sorted, 1)).toBe(sorted);
    },
  );

  it('passes as the bug that it is', () => {
    const bug = new TypeError('x is undefined');
    expect(judge(bug, 1)).toBe(bug);
  });

  it('becomes an error when it was none', () => {
    expect(judge('torn', 1)).toMatchObject({ message: 'torn' });
  });
});
