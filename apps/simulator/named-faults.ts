import type { AppliedFault, FaultAction } from './fault-rule.ts';

/**
 * Faults that a person can type: a cluster, workspace or vault whose name ends in `-fault-WORD` brings its own. On a
 * cluster or a workspace it meets every write, on a vault every use of its keys.
 */
const actions: Readonly<Record<string, FaultAction>> = {
  '403': { kind: 'status', status: 403 },
  '409': { kind: 'status', status: 409 },
  '429': { kind: 'status', status: 429, retryAfter: 5 },
  '500': { kind: 'status', status: 500 },
  '503': { kind: 'status', status: 503 },
  hang: { kind: 'hang' },
  reset: { kind: 'reset', when: 'after' },
  stuck: { kind: 'stuck' },
  fail: { kind: 'fail', code: 'OperationFailed', message: 'It failed because of its name.' },
  early: { kind: 'record-early', seconds: 60 },
  late: { kind: 'record-late', seconds: 60 },
  lost: { kind: 'lost-record' },
  quiet: { kind: 'no-headers' },
};
const words = Object.keys(actions).join('|');
const IN_PATH = new RegExp(
  `/(?:clusters|workspaces)/[^/?]*-fault-(?<word>${words})(?:[/?]|$)`,
  'iu',
);
const IN_HOST = new RegExp(`^[^.]*-fault-(?<word>${words})\\.vault\\.azure\\.net$`, 'iu');

/** The fault that the name in a request's address stands for. */
export function namedFault(request: {
  host: string;
  method: string;
  target: string;
}): AppliedFault | undefined {
  const { host, method, target } = request;
  const isWrite = host === 'management.azure.com' && method !== 'GET' && method !== 'HEAD';
  const found = isWrite ? IN_PATH.exec(target) : IN_HOST.exec(host);
  const word = found?.groups?.['word']?.toLowerCase();
  const action = word === undefined ? undefined : actions[word];
  return action && { id: `name ends in -fault-${word}`, action };
}
