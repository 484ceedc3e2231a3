import { InvalidArgumentError } from 'commander';

/** Reads a number of hours from the command line. @throws InvalidArgumentError */
export function readHours(text: string): number {
  const hours = Number(text);
  if (text.trim() === '' || Number.isNaN(hours)) throw new InvalidArgumentError('must be a number');
  return hours;
}
