import type { Command } from 'commander';
import { createClient } from '#libs/client/client.ts';
import type { Client } from '#libs/client/client.ts';
import type { Environment } from './config.ts';
import type { ExitCode } from './exit-codes.ts';
import { exitCodes } from './exit-codes.ts';
import type { Terminal } from './output/terminal.ts';
import { openMemory } from './session/memory.ts';
import type { Memory } from './session/memory.ts';
import { readProfile } from './session/profile.ts';
import { isLoopback, reaching } from './session/reach.ts';
import { toSettings } from './session/settings.ts';
import type { GlobalOptions, Settings } from './session/settings.ts';
import { openTokenCache } from './session/token-cache.ts';
import { createTokens } from './session/tokens.ts';

/** What the program is run with. */
export interface Shell {
  readonly terminal: Terminal;
  readonly environment: Environment;
  readonly fetch?: typeof fetch;
  /** Set by the command that ran. */
  exitCode: ExitCode;
}

/** What a command works with, once it is known where to call and as whom. */
export interface Session {
  readonly client: Client;
  readonly settings: Settings;
  readonly memory: Memory;
  readonly terminal: Terminal;
  /** Whether output is for programs. */
  readonly isJson: boolean;
  /** Prints one thing: the document for programs, its lines for people. */
  show(document: unknown, lines: () => readonly string[]): void;
}

/** Makes an action of commander out of what a command does with a session. */
export function acting<Args extends unknown[]>(
  shell: Shell,
  act: (session: Session, ...args: Args) => Promise<ExitCode | undefined>,
) {
  return async (...args: [...Args, Command]): Promise<void> => {
    const command = args.at(-1) as Command;
    const session = openSession(shell, command.optsWithGlobals<GlobalOptions>());
    const code = await act(session, ...(args.slice(0, -1) as Args));
    shell.exitCode = code ?? exitCodes.succeeded;
  };
}

function openSession(shell: Shell, options: GlobalOptions): Session {
  const { environment, terminal } = shell;
  const profile = readProfile(environment.configFolder);
  const settings = toSettings({ options, environment, profile });
  const token = createTokens({
    identity: settings.identity,
    clientSecret: async () => environment.clientSecret,
    cache: openTokenCache(environment.configFolder),
    fetch: shell.fetch,
  });
  const { api: baseUrl } = settings;
  if (!isPrivate(new URL(baseUrl)))
    terminal.talk(`Warning: the token goes to ${baseUrl} without encryption.`);
  const send = reaching(shell.fetch ?? fetch, `the API at ${baseUrl}`);
  const isJson = options.json === true;
  return {
    client: createClient({ baseUrl, token, fetch: send }),
    settings,
    memory: openMemory(environment.stateFolder),
    terminal,
    isJson,
    show: (document, lines) => {
      if (isJson) terminal.print(JSON.stringify(document, null, 2));
      else terminal.print(...lines());
    },
  };
}

/** Over TLS, or not beyond this machine. */
const isPrivate = ({ protocol, hostname }: URL): boolean =>
  protocol === 'https:' || isLoopback(hostname);
