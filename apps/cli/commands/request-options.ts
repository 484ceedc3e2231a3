import type { Command } from 'commander';
import type { ProvisionBodyInput } from '#libs/contracts/http/provision-body.ts';
import { withOverrides } from '../request/overrides.ts';
import type { RawRequest } from '../request/request-file.ts';
import { readRequestFile } from '../request/request-file.ts';
import { withFullNames } from '../request/short-names.ts';
import type { Session } from '../shell.ts';

/** Options of every command that reads a request. */
export interface RequestOptions {
  readonly file: string;
  readonly set: readonly string[];
}

/** Adds `-f` and `--set`. */
export const withRequestOptions = (command: Command): Command =>
  command
    .requiredOption('-f, --file <file>', 'the request, YAML or JSON; - reads standard input')
    .option(
      '--set <member=value>',
      'write over a member, like cluster.name=logs-prod; may be repeated',
      (override: string, before: readonly string[]) => [...before, override],
      [] as readonly string[],
    );

/** The request that is meant: the file, what is written over it, and names in full. */
export function readRequest(
  { terminal, settings }: Session,
  { file, set }: RequestOptions,
): RawRequest {
  const written = withOverrides(readRequestFile(file, terminal.readInput), set);
  return withFullNames(written, settings.subscription);
}

/** The API is the judge of a request: one that is wrong is answered with every problem at once. */
export const asBody = (request: RawRequest): ProvisionBodyInput =>
  request as unknown as ProvisionBodyInput;
