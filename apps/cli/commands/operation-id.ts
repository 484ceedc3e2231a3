import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Session } from '../shell.ts';

/** The id that was given, else that of the operation this user started last. @throws CliError */
export function operationOf({ memory, settings }: Session, id: string | undefined): string {
  const known = id ?? memory.lastOperation(settings.api);
  if (known !== undefined) return known;
  throw new CliError(
    `no operation is named, and none was started from here at ${settings.api}`,
    exitCodes.invalid,
    'Name one; keyturn operations lists them.',
  );
}
