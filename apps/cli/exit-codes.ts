/** What scripts may rely on, with the meaning that `--help` and the README give. */
export const exitCodes = {
  succeeded: 0,
  unexpected: 1,
  invalid: 2,
  refused: 3,
  needsPerson: 4,
  cancelled: 5,
  forbidden: 6,
  unavailable: 7,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** One sentence for each code. */
export const exitMeanings: readonly (readonly [ExitCode, string])[] = [
  [exitCodes.succeeded, 'done; a watched operation has succeeded'],
  [exitCodes.unexpected, 'something unexpected; repeating is safe'],
  [exitCodes.invalid, 'the command or the request is not valid, or names what is not there'],
  [exitCodes.refused, 'refused by a rule, or rejected by a person'],
  [exitCodes.needsPerson, 'the operation waits for an approval or for attention'],
  [exitCodes.cancelled, 'the operation was cancelled'],
  [exitCodes.forbidden, 'not logged in, or your roles do not allow it'],
  [exitCodes.unavailable, 'API, identity provider or engine cannot be reached: repeat later'],
  [exitCodes.interrupted, 'interrupted; a watched operation goes on'],
];
