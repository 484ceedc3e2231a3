import { readToolsConfig } from '../config.ts';
import { prepareNamespace } from '../temporal-server/temporal-server.ts';

/** Registers the product's namespace and search attributes with the Temporal at TEMPORAL_ADDRESS; safe to repeat. */
async function main(): Promise<void> {
  const { temporalAddress, environment } = readToolsConfig();
  if (temporalAddress === undefined) throw new Error('TEMPORAL_ADDRESS names no Temporal');
  const namespace = environment['TEMPORAL_NAMESPACE'] ?? 'keyturn';
  await prepareNamespace(temporalAddress, namespace);
  process.stdout.write(`${JSON.stringify({ temporal: temporalAddress, namespace })}\n`);
}

try {
  await main();
  process.exit(0);
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  process.stderr.write(`preparing the namespace: ${reason}\n`);
  process.exit(1);
}
