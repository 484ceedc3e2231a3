import type { Command } from 'commander';
import { acting } from '../shell.ts';
import type { Shell } from '../shell.ts';
import { planRequest } from './planning.ts';
import type { RequestOptions } from './request-options.ts';
import { readRequest, withRequestOptions } from './request-options.ts';

/** `keyturn plan -f FILE` */
export function addPlan(program: Command, shell: Shell): void {
  withRequestOptions(program.command('plan'))
    .summary('show what a request would do, find and cost')
    .description(
      'Shows the steps, findings, cost and hash of a provision request; changes nothing. The hash is for provision --accept-plan.',
    )
    .action(
      acting(shell, async (session, options: RequestOptions) =>
        planRequest(session, readRequest(session, options)),
      ),
    );
}
