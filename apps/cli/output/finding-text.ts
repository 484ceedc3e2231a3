import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import type { Colours } from './terminal.ts';

type Finding = OperationView['findings'][number];

/** Findings, each with what it is about and what to do. */
export const drawFindings = (findings: readonly Finding[], colours: Colours): string[] =>
  findings.flatMap(({ severity, code, rule, reason, remedy, target }) => [
    `  ${markOf(severity, colours)} ${code} (${rule}): ${reason}`,
    `      ${remedy}${target === undefined ? '' : colours.dim(`  ${target}`)}`,
  ]);

function markOf(severity: Finding['severity'], colours: Colours): string {
  if (severity === 'blocker') return colours.red(severity);
  return severity === 'warning' ? colours.yellow(severity) : colours.cyan(severity);
}
