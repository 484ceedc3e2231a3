import type { StoredPrincipal } from '../entra/directory.ts';
import type { Question, Reply, SimulatedAzure } from '../simulated-azure.ts';

/** What the specs about vaults and keys ask again and again. */
export interface SpecVault {
  readonly at: string;
  readonly ownerId: string;
  readonly tenantId: string;
  /** Asks the data plane by a path such as `/keys/kek`. */
  keys(method: string, path: string, question?: Question): Promise<Reply>;
  patch(properties: object): Promise<Reply>;
  policies(kind: string, entries: { objectId: string; keys: string[] }[]): Promise<Reply>;
}

/** Makes a vault in which `owner` may do everything with keys, and waits until that counts. */
export async function openVault(
  azure: SimulatedAzure,
  wanted: { name: string; properties?: object },
): Promise<SpecVault> {
  const { name } = wanted;
  const at = `Microsoft.KeyVault/vaults/${name}`;
  const owner = await principalOf(azure, 'owner');
  const { tenantId, objectId: ownerId } = owner;
  const patch = async (properties: object): Promise<Reply> =>
    await azure.ask('PATCH', at, { apiVersion: '2023-07-01', body: { properties } });
  const policy = (entry: { objectId: string; keys: string[] }): object => ({
    tenantId,
    objectId: entry.objectId,
    permissions: { keys: entry.keys },
  });
  await azure.ask('PUT', at, {
    apiVersion: '2023-07-01',
    body: {
      location: 'westeurope',
      properties: {
        tenantId,
        sku: { family: 'A', name: 'standard' },
        accessPolicies: [policy({ objectId: ownerId, keys: ['all'] })],
        ...wanted.properties,
      },
    },
  });
  await azure.advance(10);
  return {
    at,
    ownerId,
    tenantId,
    patch,
    keys: async (method, path, question = {}) =>
      await azure.ask(method, `https://${name}.vault.azure.net${path}`, {
        apiVersion: '7.5',
        ...question,
      }),
    policies: async (kind, entries) =>
      await azure.ask('PUT', `${at}/accessPolicies/${kind}`, {
        apiVersion: '2023-07-01',
        body: { properties: { accessPolicies: entries.map(policy) } },
      }),
  };
}

export async function principalOf(azure: SimulatedAzure, name: string): Promise<StoredPrincipal> {
  const found = await azure.look((tx) =>
    tx.list<StoredPrincipal>('principals').find((principal) => principal.name === name),
  );
  if (!found) throw new Error(`reading principal ${name}: there is none`);
  return found;
}

/** The code of a refusal and, for the data plane, the code inside it. */
export function refusal(reply: Reply): [number, string | undefined, string | undefined] {
  const { error } = (reply.body ?? {}) as {
    error?: { code: string; innererror?: { code: string } };
  };
  return [reply.status, error?.code, error?.innererror?.code];
}

/** The version a key bundle is about. */
export function versionOf(reply: Reply): string {
  return (reply.body as { key: { kid: string } }).key.kid.split('/').at(-1) ?? '';
}
