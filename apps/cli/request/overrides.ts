import { parse } from 'yaml';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import type { RawRequest } from './request-file.ts';
import { isMembers } from './request-file.ts';

/**
 * The request with `path=value` written over it, in order. The value is read as YAML, so that `500` is
 * a number and `[a, b]` a list. @throws CliError (exit code 2)
 */
export function withOverrides(request: RawRequest, overrides: readonly string[]): RawRequest {
  const changed = structuredClone(request);
  for (const override of overrides) {
    const [path, text] = split(override);
    setAt(changed, path.split('.'), parseValue(text, override));
  }
  return changed;
}

function split(override: string): [path: string, text: string] {
  const at = override.indexOf('=');
  const path = override.slice(0, at);
  const isPath = /^[A-Za-z]\w*(?:[.][A-Za-z]\w*)*$/u.test(path);
  if (at > 0 && isPath) return [path, override.slice(at + 1)];
  const remedy = 'Write it like cluster.name=logs-prod.';
  throw new CliError(`--set ${override} names no member and value`, exitCodes.invalid, remedy);
}

function setAt(target: RawRequest, [name = '', ...rest]: readonly string[], value: unknown): void {
  // Own members only: `__proto__` is a name like any other.
  const write = (content: unknown) =>
    Object.defineProperty(target, name, {
      value: content,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  if (rest.length === 0) {
    write(value);
    return;
  }
  const known = Object.hasOwn(target, name) ? target[name] : undefined;
  const inner = isMembers(known) ? known : {};
  write(inner);
  setAt(inner, rest, value);
}

function parseValue(text: string, override: string): unknown {
  try {
    return parse(text) as unknown;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new CliError(`--set ${override}: ${reason}`, exitCodes.invalid);
  }
}
