import type { Finding } from './findings.ts';

/** Rules of the causes for which a vault denies a key, which Azure takes for a revocation (R156). */
const denialRules: readonly string[] = ['R28', 'R31', 'R59', 'R64', 'R65', 'R112'];

/** Whether a finding says that the cluster is kept out of its key, and not only that all is not well. */
export const keepsOut = ({ rule }: Pick<Finding, 'rule'>): boolean => denialRules.includes(rule);
