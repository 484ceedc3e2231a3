import { afterEach, describe, expect, test } from 'vitest';
import { openSimulatedAzure } from '../../simulated-azure.ts';
import type { SimulatedAzure } from '../../simulated-azure.ts';
import { clusterAt, provide } from './spec-stories.ts';

/** What the article of 2021 tells to send for a key: the name is misspelt and a brace is missing. */
const published = `{
  "properties": {
    "keyVaultProperties": {
      "keyVaultUri": "https://key-vault-name.vault.azure.net",
      "kyName": "key-name",
      "keyVersion": "current-version"
  },
  "sku": {
    "name": "CapacityReservation",
    "capacity": 500
  }
}`;

let azure: SimulatedAzure;

afterEach(async () => {
  await azure.close();
});

describe.each(['current', '2021'] as const)(
  "the article's own PATCH, by the rules of %s",
  (rules) => {
    const patch = async (rawBody: string) =>
      await azure.ask('PATCH', clusterAt('clu-article'), { rawBody, apiVersion: '2020-08-01' });

    test('is refused as it stands, and with its brace for its spelling, and sets no key', async () => {
      azure = await openSimulatedAzure({ rules });
      await provide(azure, 'clu-article');
      expect(await patch(published)).toMatchObject({
        status: 400,
        body: {
          error: {
            code: 'BadRequest',
            message: 'The body of the request is null or in bad format.',
          },
        },
      });
      expect(
        await patch(published.replace('version"\n', 'version"\n    }\n').replace('500', '1000')),
      ).toMatchObject({
        status: 400,
        body: {
          error: {
            code: 'InvalidParameter',
            message: expect.stringMatching(/^KeyVaultProperties is/u),
          },
        },
      });
      const { body } = await azure.ask('GET', clusterAt('clu-article'));
      expect(JSON.stringify(body)).not.toContain('key-vault-name');
      expect(body).toMatchObject({ properties: { provisioningState: 'Succeeded' } });
    });
  },
);
