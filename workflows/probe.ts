import type { Look } from '#activities/look-for-record.ts';
import type { IngestionProbed, QueryProbe } from '#activities/probes.ts';
import type { Evidence } from '#libs/domain/events.ts';
import type { Finding } from '#libs/domain/findings.ts';
import { ingestionDelayMs } from '#libs/domain/service-rules.ts';

import { azure } from './proxies.ts';
import type { Done } from './work.ts';

/** Workspaces that one deed looks at. */
const pageSize = 20;

/**
 * Sends one record and looks for it in the workspaces (R89): what a query shows is proven. A workspace that
 * does not show it, because the probes' rule does not lead there or Azure is slow, is a finding and no failure.
 */
export async function probeWorkspaces(probe: QueryProbe): Promise<Done> {
  const workspaces = probe.workspaces.slice(0, pageSize);
  const withinMs = ingestionDelayMs;
  const probed = await azure.probeIngestion({ ...probe, workspaces, withinMs });
  const shown = probed.looks.filter(({ seen }) => seen > 0);
  const inAll = `${shown.length} of ${workspaces.length} workspaces show the record`;
  return {
    detail: probed.refused === undefined ? inAll : 'Azure does not take the record',
    evidence: shown.map(toEvidence),
    findings: unseenFindings(probed),
  };
}

/** One for each workspace that does not show the record. */
export const unseenFindings = ({ looks, refused }: IngestionProbed): Finding[] =>
  looks.filter(({ seen }) => seen === 0).map((look) => notSeen(look, refused));

const toEvidence = ({ workspaceId, requestId }: Look): Evidence => ({
  claim: `workspace ${workspaceId} takes records and shows them to queries`,
  grade: 'proven',
  ...(requestId === undefined ? {} : { requestId }),
});

function notSeen({ workspaceId, readable, reason }: Look, refused: string | undefined): Finding {
  const seen = readable === true ? 'it can be queried and does not show the record' : reason;
  return {
    code: 'probe_not_seen',
    severity: 'warning',
    rule: 'R89',
    reason: refused ?? seen ?? 'it does not show the record',
    remedy: 'Check that the data collection rule of the probes leads to this workspace.',
    target: workspaceId,
  };
}
