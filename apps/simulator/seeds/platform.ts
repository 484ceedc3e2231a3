import type { Seed, SeedCollection } from './seed-shape.ts';

/** Who acts in every named seed: Keyturn's people, its worker, and the subscription's owner. */
export const principals: Seed['principals'] = [
  { name: 'reader', roles: ['reader'] },
  { name: 'operator', roles: ['operator'] },
  { name: 'approver', roles: ['approver'] },
  { name: 'second-approver', roles: ['approver'] },
  { name: 'admin', roles: ['admin'] },
  {
    name: 'keyturn',
    azureRoles: ['Contributor', 'User Access Administrator'],
    federatedSubject: 'system:serviceaccount:keyturn:worker',
  },
  { name: 'owner', azureRoles: ['Owner'] },
];

export const location = 'westeurope';
export const resourceGroups = [{ name: 'rg-logs' }];

/** What Keyturn's probes are sent through. */
export const standardCollection: SeedCollection = {
  endpoint: 'dce-probes',
  rule: 'dcr-probes',
  table: 'KeyturnProbe_CL',
  publishers: ['keyturn'],
  columns: ['Marker'],
};
