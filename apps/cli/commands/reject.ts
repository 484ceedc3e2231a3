import type { Command } from 'commander';
import type { Shell } from '../shell.ts';
import { addAnswer } from './answering.ts';

/** `keyturn reject ID` */
export const addReject = (program: Command, shell: Shell): void =>
  addAnswer(program, shell, {
    name: 'reject',
    summary: 'say no to the plan of an operation; it ends',
    method: 'rejectOperation',
    needsReason: true,
  });
