import { createPipelineRequest } from '@azure/core-rest-pipeline';
import type { Call, Seen } from './call-options.ts';
import type { SdkClients } from './sdk-clients.ts';

/** Where Keyturn may read at all. Throws AzureError. */
export interface Subscriptions {
  /** Ids of the subscriptions in which our principal holds any right, all pages. */
  list(call: Call): Promise<Seen<string[]>>;
}

const firstPage = 'https://management.azure.com/subscriptions?api-version=2022-12-01';

interface Page {
  readonly value?: readonly { readonly subscriptionId?: string }[];
  readonly nextLink?: string;
}

/** Asked without an SDK: the one for subscriptions would serve this one list alone. */
export function createSubscriptions({ wire, operations }: SdkClients): Subscriptions {
  return {
    list: (call) => {
      const deed = { doing: 'listing subscriptions', target: '/subscriptions' };
      return wire.ask(deed, call, async ({ abortSignal }) => {
        const ids: string[] = [];
        for (let url: string | undefined = firstPage; url !== undefined;) {
          const page = await readPage(url, abortSignal);
          ids.push(...(page.value ?? []).flatMap(({ subscriptionId = [] }) => subscriptionId));
          url = page.nextLink;
        }
        return ids;
      });
    },
  };

  async function readPage(url: string, abortSignal: AbortSignal): Promise<Page> {
    const request = createPipelineRequest({ url, method: 'GET', abortSignal });
    request.headers.set('accept', 'application/json');
    const answer = await operations().pipeline.sendRequest(wire.clientOptions.httpClient, request);
    if (answer.status !== 200) throw new Error(`unexpected status ${answer.status}`);
    return JSON.parse(answer.bodyAsText ?? '{}') as Page;
  }
}
