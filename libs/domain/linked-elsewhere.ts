import { blocker, type Finding } from './findings.ts';

/** The blocker of a workspace that another cluster has: it is unlinked there first (R72). */
export const linkedElsewhere = (target: string, linkedTo: string): Finding =>
  blocker('linked_elsewhere', 'R72', { reason: `the workspace is linked to ${linkedTo}`, target });
