/** The real @azure/identity against the simulator, with every credential a worker may have beside a secret. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { DeviceCodeCredential, WorkloadIdentityCredential } from '@azure/identity';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDial, type Dial } from '#libs/dial/dial.ts';
import { tokenFor } from '../support/entra.ts';
import { type RunningSimulator, startSimulator } from '../support/simulator.ts';

const ARM = 'https://management.azure.com/.default';
const root = path.resolve(import.meta.dirname, '../..');
let simulator: RunningSimulator;
let dial: Dial;
let keyturn: { clientId: string; objectId: string };
let endpoint: { endpoint: string; header: string };

beforeAll(async () => {
  simulator = await startSimulator({ clock: 'manual' });
  dial = createDial(simulator.file);
  const found = simulator.file.principals.find(({ name }) => name === 'keyturn');
  if (found === undefined) throw new Error('reading principals: keyturn is not among them');
  keyturn = found;
  const file = path.join(simulator.data, 'simulator.json');
  const described = JSON.parse(await readFile(file, 'utf8')) as {
    managedIdentity: typeof endpoint;
  };
  endpoint = described.managedIdentity;
});

afterAll(async () => {
  dial.agent.destroy();
  await simulator.stop();
});

/** A process of its own: MSAL remembers the first source of managed identities that it meets. */
async function asMachine(env: Record<string, string>, clientId?: string): Promise<string> {
  const options = clientId === undefined ? '' : JSON.stringify({ clientId });
  const script = `import { ManagedIdentityCredential } from '@azure/identity';
const { token } = await new ManagedIdentityCredential(${options}).getToken('${ARM}');
console.log(token);`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', script],
    { cwd: root, env },
  );
  return stdout.trim();
}

const whoIs = (token: string) => {
  const { appid, oid, aud } = decodeJwt(token);
  return { appid, oid, aud };
};

const machine = () => ({
  appid: keyturn.clientId,
  oid: keyturn.objectId,
  aud: 'https://management.azure.com',
});

test('WorkloadIdentityCredential exchanges the token of a file', async () => {
  const answer = await simulator.control('/federation/assertion', {
    method: 'POST',
    body: JSON.stringify({ subject: 'system:serviceaccount:keyturn:worker' }),
  });
  const { assertion } = (await answer.json()) as { assertion: string };
  const tokenFilePath = path.join(simulator.data, 'federated-token');
  await writeFile(tokenFilePath, assertion, { mode: 0o600 });
  const { tenantId } = simulator.file;
  const credential = new WorkloadIdentityCredential({
    tenantId,
    clientId: keyturn.clientId,
    tokenFilePath,
    agent: dial.agent,
  });
  const { token } = await credential.getToken(ARM);
  expect(whoIs(token)).toEqual(machine());
});

test('DeviceCodeCredential gets the token of whoever signed in elsewhere', async () => {
  const { tenantId } = simulator.file;
  const credential = new DeviceCodeCredential({
    tenantId,
    clientId: crypto.randomUUID(),
    agent: dial.agent,
    async userPromptCallback({ userCode, verificationUri }) {
      const query = new URLSearchParams({ user_code: userCode, sign_in_as: 'operator' });
      await dial.fetch(`${verificationUri}?${query.toString()}`);
    },
  });
  const { token } = await credential.getToken('api://keyturn/.default');
  expect(decodeJwt(token)).toMatchObject({ aud: 'api://keyturn', roles: ['operator'] });
});

test('ManagedIdentityCredential is the machine, by the variables of App Service', async () => {
  const env = { IDENTITY_ENDPOINT: endpoint.endpoint, IDENTITY_HEADER: endpoint.header };
  expect(whoIs(await asMachine(env))).toEqual(machine());
  await expect(asMachine({ ...env, IDENTITY_HEADER: 'wrong' })).rejects.toThrow();
});

test('ManagedIdentityCredential is the machine, by the metadata service of a virtual machine', async () => {
  const { origin } = new URL(endpoint.endpoint);
  const env = { AZURE_POD_IDENTITY_AUTHORITY_HOST: origin };
  expect(whoIs(await asMachine(env))).toEqual(machine());
});

test('ManagedIdentityCredential is a user-assigned identity when its client id is named', async () => {
  const { subscriptionId, resourceGroup, location } = simulator.file;
  const asked = await tokenFor(simulator.file, 'owner', ARM);
  const url = `https://management.azure.com/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-other?api-version=2023-01-31`;
  const made = await dial.fetch(url, {
    method: 'PUT',
    headers: { authorization: `Bearer ${asked}`, 'content-type': 'application/json' },
    body: JSON.stringify({ location }),
  });
  const { properties } = (await made.json()) as {
    properties: { clientId: string; principalId: string };
  };
  const env = { IDENTITY_ENDPOINT: endpoint.endpoint, IDENTITY_HEADER: endpoint.header };
  const token = await asMachine(env, properties.clientId);
  expect(whoIs(token)).toMatchObject({ appid: properties.clientId, oid: properties.principalId });
  await expect(asMachine(env, keyturn.objectId)).rejects.toThrow();
});
