import { describe, expect, it } from 'vitest';
import { countRequests } from './azure-requests.ts';

const arm = 'https://management.azure.com/subscriptions/s';

describe('counting requests', () => {
  it('tells work from polls, tokens and challenges', () => {
    const counted = countRequests([
      { method: 'POST', url: 'https://login.microsoftonline.com/t/oauth2/v2.0/token', status: 200 },
      { method: 'GET', url: 'https://kv-a.vault.azure.net/keys/k', status: 401 },
      { method: 'GET', url: 'https://kv-a.vault.azure.net/keys/k', status: 404 },
      { method: 'GET', url: 'https://kv-b.vault.azure.net/keys/k', status: 200 },
      { method: 'PUT', url: `${arm}/x/clusters/c?api-version=1`, status: 202 },
      { method: 'GET', url: `${arm}/x/locations/l/operationStatuses/o?c=1`, status: 200 },
      { method: 'GET', url: `${arm}/x/locations/l/operationresults/o?c=1`, status: 200 },
      { method: 'POST', url: 'https://api.loganalytics.io/v1/workspaces/w/query', status: 200 },
      { method: 'POST', url: 'https://api.loganalytics.io/v1/workspaces/w/query', status: 200 },
    ]);
    expect(counted).toEqual({
      work: 4,
      polls: 3,
      tokens: 1,
      challenges: 1,
      byMethod: {
        'GET a vault': 2,
        'PUT management.azure.com': 1,
        'POST api.loganalytics.io': 1,
      },
    });
  });
});
