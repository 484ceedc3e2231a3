import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { startProduct, type Product } from '../support/product.ts';
import { runBatch, type Run, type Trial } from '../trials/batch.ts';
import { describeAddress, type Address } from '../trials/exchanges.ts';
import { faultNamed } from '../trials/faults.ts';
import { kindNamed } from '../trials/kinds.ts';
import { Stand, trialTime } from '../trials/stand.ts';
import { judge } from '../trials/verdict.ts';

/** The short form of `npm run trials`: the exchanges that Azure would do twice, and the nastiest faults. */
const group = 'management.azure.com/subscriptions/{guid}/resourceGroups/rg-logs/providers';
const insights = `${group}/Microsoft.OperationalInsights`;
const first = (method: string, path: string): Address => ({ method, path, ordinal: 1 });
const createKey = first('POST', 'kv-{site}.vault.azure.net/keys/cmk/create');
const putCluster = first('PUT', `${insights}/clusters/{site}`);
const bind = first('PATCH', `${insights}/clusters/{site}`);
const link = first('PUT', `${insights}/workspaces/ws-{site}b/linkedServices/cluster`);
const readCluster = first('GET', `${insights}/clusters/{site}`);
const nastiest = [createKey, putCluster, bind, link];

let product: Product;
let stand: Stand;
let calm: Run;

beforeAll(async () => {
  product = await startProduct(inject('temporalAddress'), trialTime);
  stand = new Stand(product);
});

afterAll(async () => {
  await product.stop();
});

const kind = kindNamed('provision');
const trial = (fault: string, address: Address): Trial => ({ address, fault: faultNamed(fault) });

/** Each trial with its word, and with what was wrong. */
const verdictsOf = (runs: readonly Run[]) =>
  runs.map((run) => {
    const { word, notes } = judge(calm, run);
    const { fault, address } = run.trial ?? {};
    return [
      fault?.name,
      address && describeAddress(address),
      word,
      ...(word === 'BAD' ? notes : []),
    ];
  });

const asExpected = (trials: readonly Trial[], words: readonly string[]) =>
  trials.map(({ fault, address }, n) => [fault.name, describeAddress(address), words[n] ?? 'ok']);

it('a provision ends the same though answers are lost, or a person is asked for the true reason', async () => {
  const trials = [
    ...nastiest.map((address) => trial('lost', address)),
    trial('twice', createKey),
    trial('429', putCluster),
    trial('500-long', readCluster),
  ];
  const [undisturbed, ...runs] = await runBatch({ stand, kind }, [undefined, ...trials]);
  if (undisturbed === undefined) throw new Error('there is no undisturbed run');
  calm = undisturbed;
  expect(calm.operation?.state).toBe('succeeded');
  expect(verdictsOf(runs)).toEqual(
    asExpected(trials, ['ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'asked']),
  );
  const { attention } = runs.at(-1) ?? {};
  expect(attention).toMatchObject({ step: 'cluster', reason: 'a day of trying was not enough' });
  expect(attention?.seen).toContain('500');
});

it('a provision ends the same though its worker is killed after what Azure would do twice', async () => {
  const trials = nastiest.map((address) => trial('kill', address));
  const runs = await runBatch({ stand, kind }, trials);
  expect(verdictsOf(runs)).toEqual(asExpected(trials, []));
});
