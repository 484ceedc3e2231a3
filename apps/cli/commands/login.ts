import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { drawFields } from '../output/table.ts';
import type { Identity } from '../session/profile.ts';
import { readProfile, writeProfile } from '../session/profile.ts';
import { clientIdentity, toSettings } from '../session/settings.ts';
import type { GlobalOptions } from '../session/settings.ts';
import { openTokenCache } from '../session/token-cache.ts';
import { createTokens } from '../session/tokens.ts';
import type { Shell } from '../shell.ts';

interface LoginOptions extends GlobalOptions {
  readonly tenant?: string;
  readonly issuer?: string;
  readonly clientId?: string;
  readonly scope?: string;
}

/** `keyturn login` */
export function addLogin(program: Command, shell: Shell): void {
  program
    .command('login')
    .summary('log in and keep it for the commands after')
    .description(
      'Gets a token by client credentials and keeps who logged in, for the commands after. The secret is read from KEYTURN_CLIENT_SECRET, asked for at a terminal, or read from standard input; it is not kept. With --simulator, a principal of a local simulator logs in.',
    )
    .option('--tenant <id>', 'tenant of Microsoft Entra ID')
    .option('--issuer <url>', 'of another identity provider')
    .option('--client-id <id>', 'the application that logs in')
    .option('--scope <scope>', 'what the token is for; api://keyturn/.default if absent')
    .action(async (_own: LoginOptions, command: Command) => {
      await login(shell, command.optsWithGlobals<LoginOptions>());
    });
}

async function login(shell: Shell, options: LoginOptions): Promise<void> {
  const { environment, terminal } = shell;
  const { configFolder } = environment;
  const named = clientIdentity({ ...environment, ...options });
  const isHalf = [options.tenant, options.issuer, options.clientId].some(
    (name) => name !== undefined,
  );
  if (named === undefined && isHalf) throw nobodyNamed();
  const isLocal = options.simulator !== undefined || named === undefined;
  // What is said now wins over what was kept, and a client named now over a simulator of the environment.
  const settings = toSettings({ options, environment, profile: readProfile(configFolder) });
  const identity = isLocal ? settings.identity : named;
  if (identity === undefined) throw nobodyNamed();
  const cache = openTokenCache(configFolder);
  cache.clear();
  const clientSecret = () => readSecret(shell);
  await createTokens({ identity, cache, clientSecret, fetch: shell.fetch })();
  const { api, subscription } = settings;
  const kept = options.subscription ?? readProfile(configFolder).subscription;
  writeProfile(configFolder, { api, identity, ...(kept !== undefined && { subscription: kept }) });
  const who = nameOf(identity);
  if (options.json === true) terminal.print(JSON.stringify({ api, ...who, subscription }));
  else terminal.print(...drawFields({ api, ...who, subscription }));
}

const nobodyNamed = (): CliError =>
  new CliError(
    'nobody is named',
    exitCodes.invalid,
    'Name --client-id with --tenant or --issuer, or --simulator FILE for a local one.',
  );

async function readSecret({ environment, terminal }: Shell): Promise<string> {
  const secret =
    environment.clientSecret ??
    (terminal.isInteractive ? await terminal.askSecret('Client secret: ') : terminal.readInput());
  if (secret.trim() !== '') return secret.trim();
  throw new CliError('no client secret was given', exitCodes.invalid);
}

const nameOf = (identity: Identity) =>
  identity.kind === 'simulator'
    ? { simulator: identity.file, as: identity.principal }
    : { issuer: identity.issuer, client: identity.clientId };
