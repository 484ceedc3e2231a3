import type { Command } from 'commander';
import type { Shell } from '../shell.ts';
import { addAnswer } from './answering.ts';

/** `keyturn resume ID` */
export const addResume = (program: Command, shell: Shell): void =>
  addAnswer(program, shell, {
    name: 'resume',
    summary: 'let an operation that waits for a person go on',
    method: 'resumeOperation',
    needsReason: false,
  });
