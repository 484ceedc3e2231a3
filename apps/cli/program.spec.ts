import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  cliUnderTest,
  ended,
  events,
  operation,
  operationId,
  plan,
  planHash,
  problem,
  ticket,
} from './cli-under-test.ts';
import { exitMeanings } from './exit-codes.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyturn-cli-'));
const file = join(folder, 'provision.yaml');
writeFileSync(file, 'cluster: { subscriptionId: s, resourceGroup: g, name: logs-prod }\n');
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const body = { cluster: { subscriptionId: 's', resourceGroup: 'g', name: 'logs-prod' } };
const json = (content: object) => Response.json(content);

describe('provision', () => {
  it('sends the file, and tells the operation', async () => {
    const { run, asked, printed } = cliUnderTest({ answers: [ticket(), json(operation())] });
    expect(await run('provision', '-f', file)).toBe(0);
    expect(asked[0]).toMatchObject({ method: 'POST', body });
    expect(asked[0]?.url.href).toBe('http://127.0.0.1:8080/v1/clusters');
    expect(asked[0]?.headers.get('authorization')).toBe('Bearer kept-token');
    expect(printed).toEqual([`operation  ${operationId}`, 'state      running']);
  });

  it('sends one key for one request, and another with --again', async () => {
    const answers = [1, 2, 3].flatMap(() => [ticket(), json(operation())]);
    const { run, asked } = cliUnderTest({ answers });
    await run('provision', '-f', file);
    await run('provision', '-f', file);
    await run('provision', '-f', file, '--again');
    const keys = asked
      .filter(({ method }) => method === 'POST')
      .map(({ headers }) => headers.get('idempotency-key'));
    expect(keys[1]).toBe(keys[0]);
    expect(keys[2]).not.toBe(keys[0]);
  });

  it('says when the request was answered before, and ends as that operation did', async () => {
    const { run, talked } = cliUnderTest({ answers: [ticket(), json(ended('refused'))] });
    expect(await run('provision', '-f', file)).toBe(3);
    expect(talked[0]).toContain('--again');
  });

  it('says what an operation asks for that was made before', async () => {
    const approval = { planHash, from: 'second-person', reason: 'it cannot be undone' };
    const waiting = operation({ state: 'awaiting-approval', approval });
    const { run, talked } = cliUnderTest({ answers: [ticket(), json(waiting)] });
    expect(await run('provision', '-f', file)).toBe(4);
    expect(talked).toContain(`  keyturn approve ${operationId} --plan ${planHash}`);
  });

  it('sends the hash of an accepted plan and a key of the caller', async () => {
    const { run, asked } = cliUnderTest({ answers: [ticket(), json(operation())] });
    await run('provision', '-f', file, '--accept-plan', planHash, '--idempotency-key', 'mine');
    expect(asked[0]?.body).toEqual({ ...body, acceptPlan: planHash });
    expect(asked[0]?.headers.get('idempotency-key')).toBe('mine');
  });

  it('takes overrides and standard input', async () => {
    const { run, asked } = cliUnderTest({
      answers: [ticket(), json(operation())],
      input: JSON.stringify(body),
    });
    await run('provision', '-f', '-', '--set', 'capacityGbPerDay=1000');
    expect(asked[0]?.body).toEqual({ ...body, capacityGbPerDay: 1000 });
  });

  it.each([
    ['succeeded', 0],
    ['refused', 3],
    ['rejected', 3],
    ['cancelled', 5],
  ] as const)('--watch ends with the outcome %s as %i', async (result, code) => {
    const { run, printed } = cliUnderTest({ answers: [ticket(), json(ended(result))] });
    expect(await run('provision', '-f', file, '--watch')).toBe(code);
    expect(printed.at(-1)).toBe(`${result}: it is ${result}`);
  });

  it('needs a file', async () => {
    const { run, talked } = cliUnderTest();
    expect(await run('provision')).toBe(2);
    expect(talked.join('\n')).toContain("required option '-f, --file <file>'");
  });

  it('prints problems for programs as JSON on standard error', async () => {
    const problems = [{ field: 'region', message: 'is missing', remedy: 'Name it.' }];
    const answers = [problem(400, 'invalid_request', { problems })];
    const { run, printed, talked } = cliUnderTest({ answers });
    expect(await run('provision', '-f', file, '--json')).toBe(2);
    expect(printed).toEqual([]);
    expect(JSON.parse(talked.join('\n'))).toMatchObject({ code: 'invalid_request', problems });
  });
});

describe('plan', () => {
  it('shows steps, cost and hash, each time anew', async () => {
    const done = json(ended('succeeded', { plan }));
    const { run, asked, printed } = cliUnderTest({ answers: [ticket(), done] });
    expect(await run('plan', '-f', file)).toBe(0);
    expect(asked[0]?.body).toEqual({ ...body, planOnly: true });
    expect(asked[0]?.headers.get('idempotency-key')).not.toMatch(/^request-/u);
    expect(printed).toEqual([
      '  create  Vault kv',
      'commitment  500 GB per day',
      'locked      31 days before it may be lowered',
      'rules       current',
      `hash        ${planHash}`,
    ]);
  });

  it('ends with 3 when the plan is refused, and shows why', async () => {
    const blocker = {
      code: 'cluster_exists',
      severity: 'blocker',
      rule: 'R100',
      reason: 'it is there',
      remedy: 'Choose another name.',
    } as const;
    const refused = json(ended('refused', { plan, findings: [blocker] }));
    const { run, printed } = cliUnderTest({ answers: [ticket(), refused] });
    expect(await run('provision', '-f', file, '--plan-only')).toBe(3);
    expect(printed).toContain('  blocker cluster_exists (R100): it is there');
  });
});

describe('watch', () => {
  it('prints one line of JSON for each state', async () => {
    const answers = [json(operation()), events(2, 9), json(ended('succeeded'))];
    const { run, printed } = cliUnderTest({ answers });
    expect(await run('watch', operationId, '--json')).toBe(0);
    expect(printed.map((line) => (JSON.parse(line) as { state: string }).state)).toEqual([
      'running',
      'succeeded',
    ]);
  });

  it('means the operation started last when it is given no id', async () => {
    const answers = [ticket(), json(operation()), json(ended('succeeded'))];
    const { run, asked } = cliUnderTest({ answers });
    await run('provision', '-f', file);
    expect(await run('watch')).toBe(0);
    expect(asked[2]?.url.pathname).toBe(`/v1/operations/${operationId}`);
  });

  it('asks for an id when nothing was started', async () => {
    const { run, talked } = cliUnderTest();
    expect(await run('watch')).toBe(2);
    expect(talked[0]).toContain('no operation is named');
  });

  it.each(['awaiting-approval', 'attention'] as const)('ends with 4 at %s', async (state) => {
    const { run } = cliUnderTest({ answers: [json(operation({ state }))] });
    expect(await run('watch', operationId)).toBe(4);
  });

  it('goes on there when it is told to stay', async () => {
    const answers = [json(operation({ state: 'attention' })), events(9), json(ended('cancelled'))];
    expect(await cliUnderTest({ answers }).run('watch', operationId, '--stay')).toBe(5);
  });
});

describe('watching', () => {
  it('asks for the events after those that are shown, and reads once for several', async () => {
    const answers = [json(operation()), events(2, 3, 9), json(ended('succeeded'))];
    const { run, asked } = cliUnderTest({ answers });
    expect(await run('watch', operationId)).toBe(0);
    expect(asked.map(({ url }) => url.pathname.split('/').at(-1))).toEqual([
      operationId,
      'events',
      operationId,
    ]);
    expect(asked[1]?.headers.get('last-event-id')).toBe('1');
  });

  it('ends at once with an operation that has ended', async () => {
    const { run, asked } = cliUnderTest({ answers: [json(ended('succeeded'))] });
    expect(await run('watch', operationId)).toBe(0);
    expect(asked).toHaveLength(1);
  });

  it('that is interrupted says that the operation goes on', async () => {
    const answers = [json(operation()), events(2)];
    const { run, talked } = cliUnderTest({ answers, interruptAfter: 1 });
    expect(await run('watch', operationId)).toBe(130);
    expect(talked).toEqual([
      `Stopped watching; the operation goes on: keyturn watch ${operationId}`,
    ]);
  });
});

describe('the answers of people', () => {
  const asking = operation({
    state: 'awaiting-approval',
    plan,
    approval: { planHash, from: 'requester', reason: 'it costs' },
  });

  it('approve the plan that is named', async () => {
    const { run, asked } = cliUnderTest({ answers: [json(operation())] });
    expect(await run('approve', operationId, '--plan', planHash, '--reason', 'seen')).toBe(0);
    expect(asked[0]?.url.pathname).toBe(`/v1/operations/${operationId}/approve`);
    expect(asked[0]?.body).toEqual({ planHash, reason: 'seen' });
  });

  it('approve the plan that was shown, after a yes', async () => {
    const answers = [json(asking), json(operation())];
    const { run, asked, talked } = cliUnderTest({ answers, isInteractive: true, input: 'yes' });
    expect(await run('approve', operationId)).toBe(0);
    expect(talked).toContain(`hash        ${planHash}`);
    expect(asked[1]?.body).toEqual({ planHash });
  });

  it('approve nothing without a yes', async () => {
    const { run, asked } = cliUnderTest({
      answers: [json(asking)],
      isInteractive: true,
      input: 'y',
    });
    expect(await run('approve', operationId)).toBe(3);
    expect(asked).toHaveLength(1);
  });

  it('approve nothing unseen where nobody can be asked', async () => {
    const { run, asked } = cliUnderTest({ answers: [json(asking)] });
    expect(await run('approve', operationId)).toBe(2);
    expect(asked).toHaveLength(1);
  });

  it.each(['reject', 'resume', 'cancel'])('%s with a reason', async (name) => {
    const { run, asked } = cliUnderTest({ answers: [json(operation())] });
    expect(await run(name, operationId, '--reason', 'enough')).toBe(0);
    expect(asked[0]?.url.pathname).toBe(`/v1/operations/${operationId}/${name}`);
    expect(asked[0]?.body).toEqual({ reason: 'enough' });
  });

  it('reject only with a reason', async () => {
    expect(await cliUnderTest().run('reject', operationId)).toBe(2);
  });
});

describe('the program', () => {
  it('ends with 7 when the API cannot be reached', async () => {
    const cause = new Error('connect ECONNREFUSED');
    const { run, talked } = cliUnderTest({ answers: [new TypeError('fetch failed', { cause })] });
    expect(await run('clusters')).toBe(7);
    expect(talked[0]).toContain('the API at http://127.0.0.1:8080 cannot be reached');
  });

  it('warns of a token that goes over the network in the open', async () => {
    const { run, talked } = cliUnderTest({ answers: [json({ items: [] })] });
    expect(await run('clusters', '--api', 'http://keyturn.example')).toBe(0);
    expect(talked[0]).toContain('without encryption');
  });

  it('tells every exit code in its help and in its README', async () => {
    const { run, printed } = cliUnderTest();
    expect(await run('--help')).toBe(0);
    const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');
    for (const [code, meaning] of exitMeanings) {
      expect(printed.join('\n')).toContain(`${String(code).padEnd(3)}  ${meaning}`);
      expect(readme).toMatch(new RegExp(`\\| ${code} +\\| ${meaning}`, 'u'));
    }
  });

  it('refuses a command that there is not', async () => {
    expect(await cliUnderTest().run('rotate-all')).toBe(2);
  });
});
