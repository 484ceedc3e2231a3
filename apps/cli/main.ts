#!/usr/bin/env node
import { readEnvironment } from './config.ts';
import { exitCodes } from './exit-codes.ts';
import { createTerminal } from './output/terminal.ts';
import { runProgram } from './program.ts';

process.exitCode = await runProgram(process.argv.slice(2), {
  terminal: createTerminal(),
  environment: readEnvironment(),
  exitCode: exitCodes.succeeded,
});
