/** libs/azure and the raw SDK side by side, in front of a stub that follows a script. */
import { OperationalInsightsManagementClient } from '@azure/arm-operationalinsights';
import { ClientSecretCredential } from '@azure/identity';
import { type Azure, type Call, createAzure } from '#libs/azure/azure.ts';
import { createCredential } from '#libs/azure/credential.ts';
import { createDial } from '#libs/dial/dial.ts';
import { startAzureStub, type StubAnswer, type StubRequest } from './azure-stub.ts';

export const subscriptionId = '11111111-1111-1111-1111-111111111111';
export const resourceGroup = 'rg-logs';
export const cluster = { subscriptionId, resourceGroup, name: 'cluster-1' };
export const clusterId = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.OperationalInsights/clusters/cluster-1`;
export const arm = 'https://management.azure.com';

/** An address as long-running operations have it: signed, under an api-version of its own. */
export const operationUrl = `${arm}/subscriptions/${subscriptionId}/providers/Microsoft.OperationalInsights/locations/westeurope/operationstatuses/op-1?api-version=2015-11-01-preview&t=638&c=MII%2Bx&s=a_b&h=z%3D`;

/** What each kind of request is answered with; what is not written down is 501. */
export type Script = Partial<Record<Part, (request: StubRequest) => StubAnswer>> & {
  token?: () => Promise<StubAnswer | undefined> | StubAnswer | undefined;
};

type Part = 'write' | 'poll' | 'result' | 'read';

export interface StubbedAzure {
  script: Script;
  requests: StubRequest[];
  abandoned: () => number;
  azure: Azure;
  /** The same with another deadline, so short that a test can wait for it. */
  azureWithin(requestTimeoutMs: number): Azure;
  raw: OperationalInsightsManagementClient;
  /** The requests whose URL has a part in it. */
  sentTo(part: string): StubRequest[];
  stop(): Promise<void>;
}

export async function startStubbedAzure(
  options: { extraHeaders?: () => Record<string, string> } = {},
): Promise<StubbedAzure> {
  const stub = await startAzureStub(
    (request) => stubbed.script[partOf(request)]?.(request) ?? { status: 501 },
    () => stubbed.script.token?.(),
  );
  const dial = createDial(stub.file);
  const identity = { tenantId: subscriptionId, clientId: 'client', clientSecret: 'hidden-secret' };
  const credential = createCredential({ kind: 'client-secret', ...identity }, dial);
  const stubbed: StubbedAzure = {
    script: {},
    requests: stub.requests,
    abandoned: stub.abandoned,
    azure: createAzure({ credential, dial, ...options }),
    azureWithin: (requestTimeoutMs) =>
      createAzure({ credential, dial, ...options, requestTimeoutMs }),
    raw: new OperationalInsightsManagementClient(
      new ClientSecretCredential(identity.tenantId, 'client', 'secret', { agent: dial.agent }),
      subscriptionId,
      { agent: dial.agent, retryOptions: { maxRetries: 0 } },
    ),
    sentTo: (part) => stub.requests.filter(({ url }) => url.includes(part)),
    async stop() {
      dial.agent.destroy();
      await stub.stop();
    },
  };
  return stubbed;
}

/** A call that nobody ends. */
export const callNamed = (clientRequestId: string): Call => ({
  signal: new AbortController().signal,
  clientRequestId,
});

/** Answers in turn; the last one stays. */
export function inTurn(...answers: StubAnswer[]): () => StubAnswer {
  const left = [...answers];
  return () => (left.length > 1 ? left.shift() : left[0]) ?? { status: 500 };
}

/** A poll's answer. */
export const operation = (status: string, rest: object = {}): StubAnswer => ({
  status: 200,
  body: { id: 'op-1', name: 'op-1', status, startTime: '2025-05-08T07:36:20.17Z', ...rest },
});

/** A cluster's body in some state. */
export const clusterBody = (provisioningState: string) => ({
  id: clusterId,
  location: 'westeurope',
  properties: { provisioningState },
});

function partOf({ method, url }: StubRequest): Part {
  if (/operationstatuses/iu.test(url)) return 'poll';
  if (/operationresults/iu.test(url)) return 'result';
  return method === 'GET' ? 'read' : 'write';
}
