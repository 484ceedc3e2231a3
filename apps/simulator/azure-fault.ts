/** A refusal in the words of the service. The pipeline turns it into the error shape of the service called. */
export class AzureFault extends Error {
  readonly status: number;
  readonly code: string;
  /** Further members of the error object (`target`, `innererror`, …), and answer headers. */
  readonly extra: AzureFaultExtra;

  /** An empty message is left out of the answer: some Azure errors carry a code only. */
  constructor(
    status: number,
    error: { code: string; message: string },
    extra: AzureFaultExtra = {},
  ) {
    super(error.message);
    this.name = 'AzureFault';
    this.status = status;
    this.code = error.code;
    this.extra = extra;
  }
}

/** What an error answer may carry beside code and message. */
export interface AzureFaultExtra {
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}
