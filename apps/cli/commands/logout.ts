import type { Command } from 'commander';
import { removeProfile } from '../session/profile.ts';
import { openTokenCache } from '../session/token-cache.ts';
import type { Shell } from '../shell.ts';

/** `keyturn logout` */
export function addLogout(program: Command, { environment, terminal }: Shell): void {
  program
    .command('logout')
    .summary('forget who logged in, and the token')
    .description('Forgets who logged in, and the token.')
    .action(() => {
      openTokenCache(environment.configFolder).clear();
      removeProfile(environment.configFolder);
      terminal.talk('Logged out.');
    });
}
