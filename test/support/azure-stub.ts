/**
 * A server under Azure's names that speaks exactly the answers a test writes down: for what the
 * simulator, which behaves, does not say.
 */
import 'reflect-metadata';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as x509 from '@peculiar/x509';

export interface StubRequest {
  method: string;
  host: string;
  /** Path and query, as sent. */
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** What to answer; `text` is a body as it stands, `hang` never answers, `reset` closes the connection. */
export type StubAnswer =
  | { status: number; headers?: Record<string, string>; body?: unknown; text?: string }
  | 'hang'
  | 'reset';

export interface AzureStub {
  /** As in `simulator.json`: enough for a dial. */
  file: { httpsPort: number; caFile: string };
  /** Every request but those for tokens. */
  requests: StubRequest[];
  /** How many requests that were left to hang the client has given up. */
  abandoned: () => number;
  stop(): Promise<void>;
}

/** Starts the stub; token requests are answered by itself where `entra` has no answer for them. */
export async function startAzureStub(
  answer: (request: StubRequest) => StubAnswer,
  entra: (request: StubRequest) => Promise<StubAnswer | undefined> | StubAnswer | undefined = () =>
    undefined,
): Promise<AzureStub> {
  const folder = await mkdtemp(path.join(tmpdir(), 'keyturn-stub-'));
  const caFile = path.join(folder, 'ca.pem');
  const { ca, cert, key } = await mintCertificate();
  await writeFile(caFile, ca);
  const requests: StubRequest[] = [];
  let abandoned = 0;
  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const request = await readRequest(incoming);
    if (request.host === 'login.microsoftonline.com')
      return respond(outgoing, (await entra(request)) ?? issueToken());
    requests.push(request);
    const answered = answer(request);
    if (answered === 'hang') outgoing.once('close', () => (abandoned += 1));
    respond(outgoing, answered);
  };
  const server = https.createServer({ cert, key }, (incoming, outgoing) => {
    void serve(incoming, outgoing);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    file: { httpsPort: (server.address() as AddressInfo).port, caFile },
    requests,
    abandoned: () => abandoned,
    async stop() {
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A token that names the principal `stub-object`; its signature is not one. */
function issueToken(): StubAnswer {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = `${part({ alg: 'RS256' })}.${part({ oid: 'stub-object', tid: 'stub-tenant' })}.none`;
  const life = { expires_in: 3600, ext_expires_in: 3600 };
  return { status: 200, body: { token_type: 'Bearer', ...life, access_token: token } };
}

async function readRequest(incoming: IncomingMessage): Promise<StubRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return {
    method: incoming.method ?? '',
    host: incoming.headers.host ?? '',
    url: incoming.url ?? '',
    headers: incoming.headers,
    body: Buffer.concat(chunks).toString(),
  };
}

function respond(outgoing: ServerResponse, answer: StubAnswer): void {
  if (answer === 'hang') return;
  if (answer === 'reset') {
    outgoing.socket?.destroy();
    return;
  }
  const text = answer.text ?? (answer.body === undefined ? '' : JSON.stringify(answer.body));
  const type: Record<string, string> = text === '' ? {} : { 'content-type': 'application/json' };
  outgoing.writeHead(answer.status, {
    'x-ms-request-id': 'stub-request',
    ...type,
    ...answer.headers,
  });
  outgoing.end(text);
}

const names = [
  'management.azure.com',
  'login.microsoftonline.com',
  '*.vault.azure.net',
  'api.loganalytics.io',
  '*.westeurope-1.ingest.monitor.azure.com',
];

async function mintCertificate(): Promise<{ ca: string; cert: string; key: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = () => crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const [authority, leaf] = await Promise.all([keys(), keys()]);
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=stub authority',
    keys: authority,
    signingAlgorithm: algorithm,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  });
  const cert = await x509.X509CertificateGenerator.create({
    subject: 'CN=stub',
    issuer: ca.subject,
    publicKey: leaf.publicKey,
    signingKey: authority.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value }))),
    ],
  });
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', leaf.privateKey);
  const key = x509.PemConverter.encode(pkcs8, 'PRIVATE KEY');
  return { ca: ca.toString('pem'), cert: cert.toString('pem'), key };
}
