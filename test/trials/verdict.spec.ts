import { expect, it } from 'vitest';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import type { Exchange } from '../support/simulator-control.ts';
import type { Run } from './batch.ts';
import { addressesOf, patternOf } from './exchanges.ts';
import { faultNamed } from './faults.ts';
import { generalised } from './generalised.ts';
import type { Site } from './site.ts';
import { judge } from './verdict.ts';

const siteNamed = (name: string) => ({ name, region: 'uksouth', operationId: name }) as Site;

const exchange = (url: string, change: Partial<Exchange> = {}): Exchange => ({
  method: 'PUT',
  url,
  requestHeaders: {},
  status: 200,
  principal: 'keyturn',
  at: '2026-03-01T00:00:00Z',
  effects: [],
  fault: null,
  ...change,
});

const made = (change: Partial<Exchange> = {}, name = 'trial-1') =>
  exchange(`https://kv-${name}.vault.azure.net/keys/cmk/create?api-version=1`, {
    method: 'POST',
    effects: ['key version created'],
    ...change,
  });

const ended = (findings: string[] = []) =>
  ({
    state: 'succeeded',
    outcome: { summary: '', findings: findings.map((code) => ({ code })), evidence: [] },
  }) as unknown as OperationView;

const runOf = (change: Partial<Run> = {}): Run => ({
  site: siteNamed('trial-1'),
  operation: ended(),
  met: 1,
  exchanges: [made()],
  state: ['keys one'],
  seconds: 1,
  ...change,
});

const calm = runOf({ site: siteNamed('trial-0'), exchanges: [made({}, 'trial-0')] });
const [address] = addressesOf(calm.site, calm.exchanges);
if (address === undefined) throw new Error('the undisturbed run has no address');
const trialOf = (fault: string) => ({ address, fault: faultNamed(fault) });
const wordOf = (change: Partial<Run>) => judge(calm, runOf(change)).word;

it('finds a run good that ends as the undisturbed one, whatever it asked for twice', () => {
  const reading = exchange('https://management.azure.com/x', { method: 'GET' });
  expect(wordOf({ trial: trialOf('lost'), exchanges: [reading, made(), reading] })).toBe('ok');
});

it.each<[string, Partial<Run>]>([
  ['did something twice', { exchanges: [made(), made()] }],
  ['left something out', { exchanges: [] }],
  ['left another state', { state: ['keys one', 'keys two'] }],
  ['did not end', { operation: { ...ended(), state: 'running' } }],
  ['was refused', { operation: { ...ended(), state: 'refused' } }],
  ['never met its fault', { met: 0 }],
  ['was in trouble', { trouble: 'no answer' }],
])('finds a run bad that %s', (_, change) => {
  expect(wordOf({ trial: trialOf('lost'), ...change })).toBe('BAD');
});

const attention = (reason: string, seen: string) => ({
  trial: trialOf('500-long'),
  attention: { step: 'key', reason, seen, choices: [] },
});

it('finds it good to have asked a person for the reason there was, and bad for another', () => {
  expect(wordOf(attention('a day was not enough', '500 InternalServerError'))).toBe('asked');
  expect(wordOf(attention('a day was not enough', '404 NotFound'))).toBe('BAD');
  expect(wordOf(attention('Transient', '500 InternalServerError'))).toBe('BAD');
});

it('takes a surplus key version of a request delivered twice, if it is reported', () => {
  const twice = {
    trial: trialOf('twice'),
    exchanges: [made({ fault: 'duplicate', status: 0 }), made({ fault: 'duplicate' })],
    state: ['keys one', 'keys two'],
  };
  expect(wordOf(twice)).toBe('BAD');
  expect(wordOf({ ...twice, operation: ended(['surplus_key_version']) })).toBe('ok');
});

const reach = (isReadable: boolean, outageSeconds: number) => ({
  isReadable,
  outageSeconds,
  isOnEnabledVersion: isReadable,
});

it('finds it good to be overtaken for that, with the data out of reach until it is recovered, and no longer', () => {
  const seen = {
    before: reach(true, 0),
    ended: reach(false, 60),
    later: reach(false, 700_000),
    recovered: reach(true, 700_060),
    afterwards: reach(true, 700_060),
  };
  const overtaken = { revocation: ended(), recovery: ended(), seen };
  const operation = { ...ended(['cluster_revoked']), state: 'refused' as const };
  const run = { trial: trialOf('versions'), operation, overtaken };
  expect(wordOf(run)).toBe('ok');
  const bad: Partial<Run>[] = [
    { operation: ended() },
    { operation: { ...ended(['key_unusable']), state: 'refused' } },
    { overtaken: { ...overtaken, revocation: { ...ended(), state: 'attention' } } },
    { overtaken: { ...overtaken, seen: { ...seen, before: reach(true, 5) } } },
    { overtaken: { ...overtaken, seen: { ...seen, later: reach(true, 60) } } },
    { overtaken: { ...overtaken, seen: { ...seen, recovered: reach(false, 700_060) } } },
    { overtaken: { ...overtaken, seen: { ...seen, afterwards: reach(true, 703_660) } } },
    { met: 0 },
  ];
  expect(bad.map((change) => wordOf({ ...run, ...change }))).toEqual(bad.map(() => 'BAD'));
});

it('addresses an exchange by its content on every site', () => {
  expect(address).toEqual({
    method: 'POST',
    path: 'kv-{site}.vault.azure.net/keys/cmk/create',
    ordinal: 1,
  });
  const pattern = new RegExp(patternOf(address, siteNamed('trial-1')), 'u');
  expect(pattern.test('/keys/cmk/create?api-version=1')).toBe(true);
  expect(pattern.test('/keys/cmk/create/more')).toBe(false);
});

it('leaves out of a text what differs between two runs', () => {
  const text =
    'trial-1 in uksouth, 0b1e7c1a-1111-4222-8333-0123456789ab, 0123456789abcdef0123456789abcdef, 2026-03-01T00:00:00.123Z, 1795528785369';
  expect(generalised(text, siteNamed('trial-1'))).toBe(
    '{site} in {region}, {guid}, {hex}, {instant}, "{instant}"',
  );
});
