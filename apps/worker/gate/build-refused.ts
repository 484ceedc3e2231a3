import type { Divergence } from './replay-report.ts';

const named = 10;

/** A build does not go on from open histories: what, why, and what would help. */
export class BuildRefused extends Error {
  override readonly name = 'BuildRefused';

  constructor(checked: number, diverged: readonly Divergence[]) {
    const lines = diverged
      .slice(0, named)
      .map(
        ({ workflowId, workflowType, reason }) => `  ${workflowId} (${workflowType}): ${reason}`,
      );
    const others = diverged.length - lines.length;
    super(
      [
        `refusing to serve: this build does not go on from ${diverged.length} of ${checked} open histories:`,
        ...lines,
        ...(others > 0 ? [`  and ${others} more`] : []),
        'Start the build that served before, which goes on from them. Then change released workflows',
        'only behind patched(), or let these end first.',
      ].join('\n'),
    );
  }
}
