import { Inject, Module } from '@nestjs/common';
import type { DynamicModule, OnApplicationShutdown } from '@nestjs/common';
import type { LedgerReader } from '#libs/ledger/ledger.ts';
import { openLedgerReader } from '#libs/ledger/open-ledger.ts';
import type { ApiConfig } from '../config.ts';
import { tellingReader } from './telling-reader.ts';

/** Injection name of the ledger's reader. */
export const ledgerReader = 'keyturn:ledger-reader';

/** The memory that outlives the engine's: only read here, and empty where there is none. */
@Module({})
export class LedgerModule implements OnApplicationShutdown {
  constructor(@Inject(ledgerReader) private readonly ledger: LedgerReader) {}

  static forConfig({ ledger }: ApiConfig): DynamicModule {
    return {
      module: LedgerModule,
      global: true,
      providers: [
        { provide: ledgerReader, useFactory: () => tellingReader(openLedgerReader(ledger)) },
      ],
      exports: [ledgerReader],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.ledger.close();
  }
}
