import type { Command } from 'commander';
import type { Shell } from '../shell.ts';
import { addAnswer } from './answering.ts';

/** `keyturn cancel ID` */
export const addCancel = (program: Command, shell: Shell): void =>
  addAnswer(program, shell, {
    name: 'cancel',
    summary: 'end an operation at its next safe place',
    method: 'cancelOperation',
    needsReason: false,
  });
