import { once } from 'node:events';
import https from 'node:https';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AzureStub, startAzureStub } from '../../test/support/azure-stub.ts';
import { createDial, isServed, parseSimulatorFile } from './dial.ts';

let stub: AzureStub;
beforeAll(async () => {
  stub = await startAzureStub(({ host }) => ({ status: 200, body: { host } }));
});
afterAll(() => stub.stop());

const get = async (url: string) => {
  const request = https.get(url, { agent: createDial(stub.file).agent });
  const [answer] = (await once(request, 'response')) as [AsyncIterable<Buffer>];
  let text = '';
  for await (const chunk of answer) text += String(chunk);
  return text;
};

test('the agent ends at the simulator under the real name', async () => {
  expect(await get('https://kv1.vault.azure.net/keys')).toBe('{"host":"kv1.vault.azure.net"}');
});

test('the agent refuses a name the simulator does not serve', async () => {
  await expect(get('https://example.com/')).rejects.toMatchObject({ code: 'ERR_NAME_NOT_SERVED' });
});

test('fetch ends at the simulator under the real name', async () => {
  const answer = await createDial(stub.file).fetch('https://management.azure.com/');
  expect(await answer.json()).toEqual({ host: 'management.azure.com' });
});

test('fetch refuses a name the simulator does not serve', async () => {
  const refused = createDial(stub.file).fetch('https://example.com/');
  await expect(refused).rejects.toMatchObject({ cause: { code: 'ERR_NAME_NOT_SERVED' } });
});

test.each([
  ['management.azure.com', true],
  ['LOGIN.microsoftonline.com', true],
  ['api.loganalytics.azure.com', true],
  ['dce-1.westeurope-1.ingest.monitor.azure.com', true],
  ['ingest.monitor.azure.com', false],
  ['vault.azure.net', false],
  ['a.b.vault.azure.net', false],
  ['management.azure.com.example.org', false],
])('whether %s is served: %s', (host, served) => {
  expect(isServed(host)).toBe(served);
});

test('a ready line that lacks a member is refused', () => {
  expect(() => parseSimulatorFile('{"httpsPort":1}')).toThrow(/caFile/u);
});
