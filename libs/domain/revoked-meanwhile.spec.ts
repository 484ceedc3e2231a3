import { expect, it } from 'vitest';

import { blocker } from './findings.ts';
import { asRevoked } from './revoked-meanwhile.ts';

const target = '/subscriptions/s/resourceGroups/g/providers/x/clusters/c';
const revokedAt = '2026-03-01T00:00:00Z';
const lacking = blocker('missing_permission', 'R49', { reason: 'no grant', target });
const warning = { ...lacking, severity: 'warning' } as const;

it('names the revocation in place of what it took away', () => {
  const findings = asRevoked([lacking, warning], { revokedAt, target });
  expect(findings.map(({ code }) => code)).toEqual(['cluster_revoked', 'missing_permission']);
  expect(findings[1]).toEqual(warning);
});

it('leaves a plan alone that nothing blocks, or whose cluster is not revoked', () => {
  expect(asRevoked([warning], { revokedAt, target })).toEqual([warning]);
  expect(asRevoked([lacking], { revokedAt: undefined, target })).toEqual([lacking]);
});
