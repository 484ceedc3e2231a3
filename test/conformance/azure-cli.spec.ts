/**
 * The commands of the article, by Debian's azure-cli, with no cloud registered: only a proxy and a CA.
 * Where it is not installed the story is left out, which the setup of the project says.
 */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type RunningSimulator, startSimulator } from '../support/simulator.ts';
import { type AzureCli, startAzureCli } from './az.ts';

const python = inject('azureCliPython');
const isThere = python !== '';

let simulator: RunningSimulator | undefined;
let cli: AzureCli | undefined;

beforeAll(async () => {
  if (!isThere) return;
  simulator = await startSimulator({ clock: 'real', pace: 2000, rules: '2021', retryAfter: true });
  cli = await startAzureCli(python, simulator);
});

afterAll(async () => {
  await cli?.close();
  await simulator?.stop();
});

test.runIf(isThere)(
  'az provisions, binds, links, unlinks and deletes as the article tells',
  { timeout: 300_000 },
  async () => {
    if (simulator === undefined || cli === undefined)
      throw new Error('telling: nothing was started');
    const az = cli.run;
    const { tenantId, subscriptionId, resourceGroup: g, location, principals } = simulator.file;
    const owner = principals.find(({ name }) => name === 'owner');
    const { clientId = '', clientSecret = '' } = owner ?? {};
    const logs = 'monitor log-analytics';
    const cluster = `-g ${g} -n clu-az`;
    await az(
      `login --service-principal -u ${clientId} --tenant ${tenantId} --password=${clientSecret}`,
    );

    const created = await az(
      `${logs} cluster create ${cluster} --sku-capacity 500 --location ${location}`,
    );
    expect(created).toMatchObject({ provisioningState: 'Succeeded' });
    const { identity, id } = created as { identity: { principalId: string }; id: string };

    await az(
      `keyvault create -g ${g} -n kv-az --location ${location} --enable-purge-protection true`,
    );
    for (const [who, ...words] of [[identity.principalId, 'get', 'wrapKey', 'unwrapKey']]) {
      await az(
        `keyvault set-policy -g ${g} -n kv-az --object-id ${who} --key-permissions`,
        ...words,
      );
    }
    const version = await makeKey();
    const uri = 'https://kv-az.vault.azure.net/';
    await az(
      `${logs} cluster update ${cluster} --key-vault-uri ${uri} --key-name kek --key-version ${version}`,
    );
    expect(await az(`${logs} cluster show ${cluster}`)).toMatchObject({
      provisioningState: 'Succeeded',
      keyVaultProperties: { keyName: 'kek', keyVersion: version },
    });

    await az(`${logs} workspace create -g ${g} -n ws-az --location ${location}`);
    const link = `-g ${g} --workspace-name ws-az -n cluster`;
    await az(`${logs} workspace linked-service create ${link} --write-access-resource-id ${id}`);
    expect(await az(`${logs} workspace show -g ${g} -n ws-az`)).toMatchObject({
      sku: { name: expect.stringMatching(/^lacluster$/iu) },
    });
    await az(`${logs} workspace linked-service delete ${link} --yes`);

    const account = await makeAccount();
    for (const type of ['Query', 'Alerts']) {
      const linked = `-g ${g} --workspace-name ws-az --type ${type}`;
      await az(`${logs} workspace linked-storage create ${linked} --storage-accounts ${account}`);
    }

    await az(`${logs} cluster delete ${cluster} --yes`);
    expect(await az(`${logs} cluster list -g ${g}`)).toEqual([]);

    /** Debian's package lacks the module behind `az keyvault key`. */
    async function makeKey(): Promise<string> {
      const body = { method: 'post', url: 'https://kv-az.vault.azure.net/keys/kek/create' };
      const made = (await az(
        `rest --method ${body.method} --resource https://vault.azure.net`,
        '--url',
        `${body.url}?api-version=7.4`,
        '--body',
        JSON.stringify({ kty: 'RSA', key_size: 2048 }),
      )) as { key: { kid: string } };
      return made.key.kid.split('/').at(-1) ?? '';
    }

    async function makeAccount(): Promise<string> {
      const place = `/subscriptions/${subscriptionId}/resourceGroups/${g}/providers/Microsoft.Storage/storageAccounts/staz`;
      const body = { location, kind: 'StorageV2', sku: { name: 'Standard_LRS' } };
      await az(
        'rest --method put',
        '--url',
        `https://management.azure.com${place}?api-version=2023-05-01`,
        '--body',
        JSON.stringify(body),
      );
      return place;
    }
  },
);
