import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { watchOperation } from '#libs/client/watch-operation.ts';
import type { EvidenceView } from '#libs/contracts/http/evidence-views.ts';
import { projectRoot } from '../project.ts';
import { provisionOrder } from './provision-order.ts';
import type { Story, Telling } from './story.ts';

/** What an auditor takes away proves itself, and a forgery of one byte shows. */
export const ledgerStory: Story = {
  name: 'ledger',
  title: 'The evidence of an operation is taken away, verified, and forged in vain',
  // What the operation does is told by other stories.
  stack: { pace: 2_000 },
  tell: async (telling) => {
    const { stack, client, stage, signal } = telling;
    const body = provisionOrder(stack.simulator);
    stage.say(
      `The operator provisions cluster ${body.cluster.name}; every event goes into the ledger.`,
    );
    const { operationId } = await client.provisionCluster(body);
    const operation = await stage.follow(
      watchOperation(client, operationId, { intervalMs: 300, signal }),
    );
    const hasSucceeded = stage.check(
      `The operation ended: ${operation.state}`,
      operation.state === 'succeeded',
    );
    const bundle = await client.readOperationEvidence(operationId);
    const holds = showIntact(telling, bundle);
    const isFound = forgeries.map((forgery) => showForged(telling, bundle, forgery));
    return [hasSucceeded, holds, ...isFound].every(Boolean);
  },
};

/** The same bundle verifies by itself, and against the hash that the auditor has noted. */
function showIntact(telling: Telling, bundle: EvidenceView): boolean {
  const { stage } = telling;
  const noted = bundle.links.at(-1)?.hash ?? '';
  stage.title(`An auditor takes the evidence away: ${bundle.links.length} events of the chain`);
  const exhibit = { file: 'evidence.json', text: JSON.stringify(bundle) };
  const alone = verify(telling, exhibit);
  for (const line of alone.lines) stage.say(`    ${line}`);
  const later = verify(telling, { ...exhibit, flags: ['--hash', noted] });
  return [
    stage.check('It verifies without Keyturn', alone.code === 0),
    stage.check('It verifies against the hash that was noted elsewhere', later.code === 0),
  ].every(Boolean);
}

interface Forgery {
  readonly what: string;
  readonly file: string;
  readonly forge: (bundle: EvidenceView) => string;
}

const forgeries: readonly Forgery[] = [
  { what: 'One byte is changed', file: 'one-byte.json', forge: changeOneByte },
  {
    what: 'One event is taken out',
    file: 'taken-out.json',
    forge: (bundle) => JSON.stringify({ ...bundle, links: bundle.links.toSpliced(3, 1) }),
  },
  {
    what: 'Two events change places',
    file: 'moved.json',
    forge: ({ links, ...rest }) =>
      JSON.stringify({ ...rest, links: [...links.slice(0, -2), ...links.slice(-2).toReversed()] }),
  },
];

/** In the middle of the file, in the text of an event: a letter becomes the next one. */
function changeOneByte(bundle: EvidenceView): string {
  const text = JSON.stringify(bundle);
  const place = text.indexOf('StepVerified', text.length / 2);
  return `${text.slice(0, place)}T${text.slice(place + 1)}`;
}

function showForged(telling: Telling, bundle: EvidenceView, { what, file, forge }: Forgery) {
  telling.stage.title(`${what}, in ${file}`);
  const { code, lines } = verify(telling, { file, text: forge(bundle) });
  for (const line of lines.slice(1)) telling.stage.say(`    ${line}`);
  return telling.stage.check(`The verifier ends with ${code}`, code === 1);
}

interface Exhibit {
  readonly file: string;
  readonly text: string;
  readonly flags?: readonly string[];
}

/** Runs the verifier as a program of its own on a file of the data folder. */
function verify({ stack }: Telling, { file, text, flags = [] }: Exhibit) {
  const path = join(dirname(stack.ledger), file);
  writeFileSync(path, text);
  const verifier = join(projectRoot, 'dist', 'tools', 'evidence', 'main.js');
  const { status, stdout } = spawnSync(process.execPath, [verifier, path, ...flags], {
    encoding: 'utf8',
  });
  return { code: status, lines: stdout.trimEnd().split('\n') };
}
