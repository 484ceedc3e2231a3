import { randomUUID } from 'node:crypto';
import { AzureFault } from '../azure-fault.ts';

/** Entra's own error shape: an OAuth word, and an AADSTS number in description and list. */
export function entraFault(
  status: number,
  code: string,
  reason: { number: number; text: string },
): AzureFault {
  const trace = randomUUID();
  const correlation = randomUUID();
  const timestamp = `${new Date().toISOString().slice(0, 19).replace('T', ' ')}Z`;
  const description = `AADSTS${reason.number}: ${reason.text} Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`;
  const members = {
    error_description: description,
    error_codes: [reason.number],
    timestamp,
    trace_id: trace,
    correlation_id: correlation,
    error_uri: `https://login.microsoftonline.com/error?code=${reason.number}`,
  };
  return new AzureFault(status, { code, message: description }, { members });
}
