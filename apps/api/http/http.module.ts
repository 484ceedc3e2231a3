import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { createDial, readSimulatorFile } from '#libs/dial/dial.ts';
import { rulePacks } from '#libs/domain/service-rules.ts';
import type { ApiConfig } from '../config.ts';
import { AuthGuard, tokenVerifier } from './auth.guard.ts';
import { ContractPipe } from './contract.pipe.ts';
import { ProblemFilter } from './problem.filter.ts';
import { createTokenVerifier } from './token-verifier.ts';

/** What every route shares: who calls, what a request must be like, how a no is told. */
@Module({})
export class HttpModule {
  static forConfig({ identity, rules, simulatorFile }: ApiConfig): DynamicModule {
    const send =
      simulatorFile === undefined ? fetch : createDial(readSimulatorFile(simulatorFile)).fetch;
    return {
      module: HttpModule,
      providers: [
        { provide: tokenVerifier, useFactory: () => createTokenVerifier(identity, send) },
        { provide: APP_GUARD, useClass: AuthGuard },
        { provide: APP_PIPE, useFactory: () => new ContractPipe(rulePacks[rules]) },
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
    };
  }
}
