import type { Timeline } from './timeline.ts';

/** What an operation that did not succeed leaves behind, from what it recorded. */
export function leftBehind(timeline: Pick<Timeline, 'of'>): string[] {
  const removed = timeline.of('GrantRemoved').map(({ data }) => data.principalId);
  return timeline
    .of(
      'VaultCreated',
      'GrantMade',
      'KeyVersionCreated',
      'KeyVersionDisabled',
      'ClusterCreated',
      'WorkspaceLinked',
    )
    .flatMap((event) => {
      switch (event.type) {
        case 'VaultCreated':
          return `vault ${event.data.vaultId}`;
        case 'GrantMade': {
          const { principalId, vaultId } = event.data;
          return removed.includes(principalId) ? [] : `grant to ${principalId} on ${vaultId}`;
        }
        case 'KeyVersionCreated':
          return `key version ${event.data.kid}`;
        case 'KeyVersionDisabled':
          return `key version ${event.data.kid}, disabled`;
        case 'ClusterCreated':
          return `cluster ${event.data.clusterId}, billed from its creation`;
        case 'WorkspaceLinked':
          return `link of ${event.data.workspaceId}`;
      }
    });
}
