/**
 * The simulator's traffic held against Microsoft's published OpenAPI, by Microsoft's own validator. Neither belongs to
 * the project: the schemas are where CONFORMANCE_SPECS says, the validator is fetched into the cache when they are.
 */
import { execFile } from 'node:child_process';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { projectRoot } from '../../tools/project.ts';
import { readConformanceConfig } from './config.ts';
import { publishedVersionOf } from './published-versions.ts';
import { isKnownFault, type Misfit } from './schema-faults.ts';

/** One line of the simulator's record, as far as it matters here. */
export interface Exchange {
  method: string;
  url: string;
  requestHeaders: Record<string, string>;
  requestBody: string;
  status: number;
  responseHeaders: Record<string, string>;
  responseBody: string;
  fault: string | null;
}

interface Issue {
  code: string;
  message: string;
  pathsInPayload?: string[];
}

interface Verdict {
  operationInfo?: { operationId?: string };
  errors: Issue[];
  runtimeException?: { code: string; message: string };
}

interface Validator {
  initialize(): Promise<void>;
  validateLiveRequestResponse(pair: object): Promise<{
    requestValidationResult: Verdict;
    responseValidationResult: Verdict;
  }>;
}

interface Oav {
  LiveValidator: new (options: object, log: () => void) => Validator;
}

const validatorVersion = '4.0.3';
const place = join(projectRoot, '.cache/conformance');

/** Whether the validator is in the project's cache. */
export function hasValidator(): boolean {
  return existsSync(join(place, 'node_modules/oav'));
}

/** Brings the validator into the project's cache, where it is not there yet. Needs the registry that time. */
export async function fetchValidator(): Promise<void> {
  if (hasValidator()) return;
  await mkdir(place, { recursive: true });
  const dependencies = { oav: validatorVersion };
  await writeFile(join(place, 'package.json'), JSON.stringify({ private: true, dependencies }));
  const install = ['install', '--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'];
  await promisify(execFile)('npm', install, { cwd: place });
}

/** What a record of exchanges was held against, and where it does not fit. */
export interface Findings {
  misfits: Misfit[];
  /** How many exchanges there was a schema for, by operation. */
  checked: Map<string, number>;
}

/** Holds a file of exchanges against the schemas of a folder. Exchanges that a fault was planted in are passed over. */
export async function holdAgainstSchemas(file: string, specs: string): Promise<Findings> {
  const validators = { arm: await load(specs, true), vault: await load(specs, false) };
  const findings: Findings = { misfits: [], checked: new Map() };
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const exchange = JSON.parse(line) as Exchange;
    const url = new URL(exchange.url);
    const kind = url.hostname.endsWith('.vault.azure.net') ? 'vault' : 'arm';
    if (kind === 'arm' && url.hostname !== 'management.azure.com') continue;
    if (exchange.fault !== null || exchange.status === 0) continue;
    await check(validators[kind], { exchange, url }, findings);
  }
  return findings;
}

/**
 * Holds the record of a simulator that has ended against the schemas, wherever both they and the validator are there.
 * @throws with every misfit.
 */
export async function requirePublishedShapes(file: string): Promise<void> {
  const { specs } = readConformanceConfig();
  if (specs === undefined || !hasValidator()) return;
  const { misfits } = await holdAgainstSchemas(file, specs);
  if (misfits.length === 0) return;
  throw new Error(`holding ${file} against the schemas: ${JSON.stringify(misfits, null, 1)}`);
}

async function load(specs: string, isArmCall: boolean): Promise<Validator> {
  const { LiveValidator } = createRequire(join(place, 'package.json'))('oav') as Oav;
  const options = {
    directory: specs,
    swaggerPathsPattern: [isArmCall ? '**/resource-manager/**/*.json' : '**/data-plane/**/*.json'],
    excludedSwaggerPathsPattern: ['**/examples/**/*', '**/common-types/**', '**/common/**'],
    git: { shouldClone: false },
    isPathCaseSensitive: false,
    isArmCall,
  };
  const validator = new LiveValidator(options, () => {});
  await validator.initialize();
  return validator;
}

async function check(
  validator: Validator,
  { exchange, url }: { exchange: Exchange; url: URL },
  findings: Findings,
): Promise<void> {
  const { method, status, requestHeaders, requestBody, responseHeaders, responseBody } = exchange;
  const apiVersion = url.searchParams.get('api-version') ?? '';
  url.searchParams.set('api-version', publishedVersionOf(url, apiVersion));
  const verdicts = await validator.validateLiveRequestResponse({
    liveRequest: { method, url: url.href, headers: requestHeaders, body: parsed(requestBody) },
    liveResponse: {
      statusCode: String(status),
      headers: responseHeaders,
      body: parsed(responseBody),
    },
  });
  const { requestValidationResult: request, responseValidationResult: response } = verdicts;
  if (response.runtimeException?.code.startsWith('OPERATION_NOT_FOUND') === true) return;
  const operation = response.operationInfo?.operationId ?? 'unknown';
  findings.checked.set(operation, (findings.checked.get(operation) ?? 0) + 1);
  // A request that was refused may well have been a bad one.
  const sides = status < 400 ? ({ request, response } as const) : ({ response } as const);
  for (const [side, verdict] of Object.entries(sides)) {
    for (const { code, message, pathsInPayload = [] } of issuesOf(verdict)) {
      const where = pathsInPayload[0] ?? '';
      const issue = { operation, apiVersion, method, status, side, code, where, message };
      const misfit = { ...issue, path: url.pathname } as Misfit;
      if (!isKnownFault(misfit)) findings.misfits.push(misfit);
    }
  }
}

function issuesOf({ errors, runtimeException }: Verdict): Issue[] {
  return runtimeException === undefined ? errors : [...errors, runtimeException];
}

function parsed(body: string): unknown {
  if (body === '') return undefined;
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return body;
  }
}
