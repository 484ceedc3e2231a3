import { sameId } from './azure-ids.ts';
import type { Finding } from './findings.ts';
import type { KeyUser } from './used-key.ts';

/**
 * What a new version of a key means to the other clusters on it: those bound to a version stay on theirs (R95),
 * those that follow the latest take it up by themselves (R93).
 */
export function keyMateFindings(users: readonly KeyUser[], cluster: string): Finding[] {
  const others = users.filter(({ id }) => !sameId(id, cluster));
  const staying = namesOf(others.filter(({ version }) => version !== ''));
  const following = namesOf(others.filter(({ version }) => version === ''));
  return [
    ...(staying === '' ? [] : [notice('R95', `these stay on their version of it: ${staying}`)]),
    ...(following === '' ? [] : [notice('R93', `these follow it by themselves: ${following}`)]),
  ];
}

const namesOf = (users: readonly KeyUser[]): string =>
  users
    .map(({ id }) => id)
    .toSorted()
    .join(', ');

const notice = (rule: string, told: string): Finding => ({
  code: 'key_shared',
  severity: 'info',
  rule,
  reason: `other clusters are on the key, and ${told}`,
  remedy:
    rule === 'R95'
      ? 'Rotate each of them to "latest" afterwards; the version they use is not retired before.'
      : 'Nothing is to be done; their next inspections show the version.',
});
