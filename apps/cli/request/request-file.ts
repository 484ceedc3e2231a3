import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';

/** A request as it was written; what its members may be is the API's to judge. */
export type RawRequest = Record<string, unknown>;

/** Reads a request from a file of YAML or JSON (`-` is standard input). @throws CliError (exit code 2) */
export function readRequestFile(path: string, readInput: () => string): RawRequest {
  return parseRequest(path === '-' ? readInput() : readText(path), path);
}

/** Reads a request from text. JSON is YAML too, so that one reader serves both. */
export function parseRequest(text: string, path: string): RawRequest {
  const content = parseText(text, path);
  if (isMembers(content)) return content;
  throw new CliError(`reading ${path}: it must hold one object`, exitCodes.invalid);
}

function parseText(text: string, path: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    // The first line says what and where; a picture of the place follows.
    const [reason = ''] = String(error instanceof Error ? error.message : error).split('\n');
    throw new CliError(`reading ${path}: ${reason.replace(/:$/u, '')}`, exitCodes.invalid);
  }
}

/** Whether a value has members by name. */
export const isMembers = (value: unknown): value is RawRequest =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(`reading ${path}: ${reason}`, exitCodes.invalid);
  }
}
