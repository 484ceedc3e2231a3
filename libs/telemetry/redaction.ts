/** What a log line shows where a secret was. */
const censored = '[redacted]';

/** Members that hold a credential by their name, whatever they contain. */
const secretName =
  /^(?:(?:proxy-|x-ms-)?authorization.*|(?:set-)?cookie|.*(?:token|secret|password|passphrase|assertion)|pem|privatekey|connectionstring)$/iu;

/** Private parts of a JSON Web Key: named by a letter or two, so only hidden beside a `kty`. */
const privateKeyMembers = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']);

const maxDepth = 8;

/**
 * A copy of what is to be logged, without credentials. Only the copy is changed. Errors become plain
 * objects, since their message and stack would otherwise escape the search.
 */
export function redactMembers(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth === maxDepth) return '[too deep]';
  if (Array.isArray(value)) return value.map((item) => redactMembers(item, depth + 1));
  if (value instanceof Date || ArrayBuffer.isView(value)) return value;
  const source = value instanceof Error ? membersOf(value) : value;
  const isKey = 'kty' in source;
  return Object.fromEntries(
    Object.entries(source).map(([name, member]) => {
      const hidden = secretName.test(name) || (isKey && privateKeyMembers.has(name));
      return [name, hidden ? censored : redactMembers(member, depth + 1)];
    }),
  );
}

function membersOf(error: Error): object {
  const { name, message, stack, cause } = error;
  return Object.assign({}, error, { name, message, stack }, cause === undefined ? {} : { cause });
}

/**
 * The last sieve, over the finished line: bearer tokens, JSON Web Tokens, private keys, and the signature
 * and certificate in the query of Azure's signed operation URLs, wherever a message quotes them.
 */
export function redactText(line: string): string {
  return line
    .replaceAll(/\b(Bearer|Basic) +[\w.~+/=-]{8,}/giu, `$1 ${censored}`)
    .replaceAll(/\beyJ[\w-]+\.[\w-]+\.[\w-]*/gu, censored)
    .replaceAll(/([?&](?:sig|s|c|h|t|code|client_secret)=)[^&\s"\\]+/gu, `$1${censored}`)
    .replaceAll(
      /-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----/gsu,
      censored,
    );
}
