import { describe, expect, it } from 'vitest';
import { cliUnderTest, operation } from '../cli-under-test.ts';

const json = (content: object) => Response.json(content);

describe('lists', () => {
  const card = {
    id: '/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/clusters/c',
    subscriptionId: 's',
    resourceGroup: 'g',
    name: 'c',
    state: 'protected',
    linkedWorkspaces: 3,
    operations: [],
    findings: { top: [], count: 0 },
    deadlines: [],
    seq: 1,
  };

  it('show one page of clusters by filters, and say that there is more', async () => {
    const answers = [json({ items: [card], next: 'n1' })];
    const { run, asked, printed, talked } = cliUnderTest({ answers });
    expect(await run('clusters', '--state', 'protected', '--in', 's', '--limit', '1')).toBe(0);
    expect(asked[0]?.url.search).toBe('?limit=1&state=protected&subscription=s');
    expect(printed[1]).toMatch(/^c {5}g {6}s {13}protected {2}-/u);
    expect(talked).toEqual(['There is more: --cursor n1, or --all']);
  });

  it('show every page as one with --all', async () => {
    const answers = [json({ items: [operation()], next: 'n1' }), json({ items: [operation()] })];
    const { run, asked, printed } = cliUnderTest({ answers });
    expect(await run('operations', '--all', '--json')).toBe(0);
    expect(asked[1]?.url.search).toBe('?cursor=n1');
    const page = JSON.parse(printed.join('\n')) as { items: object[]; next?: string };
    expect(page.items).toHaveLength(2);
    expect(page).not.toHaveProperty('next');
  });

  it('of operations take a short name of a cluster', async () => {
    const { run, asked } = cliUnderTest({ answers: [json({ items: [] })] });
    const filters = ['--cluster', 'g/c', '--subscription', 's', '--state', 'attention'];
    expect(await run('operations', ...filters)).toBe(0);
    expect(asked[0]?.url.searchParams.get('cluster')).toBe(card.id);
  });

  it('refuse a state that there is not', async () => {
    const { run, talked } = cliUnderTest();
    expect(await run('clusters', '--state', 'nice')).toBe(2);
    expect(talked.join('\n')).toContain('Allowed choices are');
  });

  it.each([['s/g/c'], [card.id], ['g/c', '--subscription', 's']])(
    'find one cluster by %s',
    async (...args) => {
      const { run, asked } = cliUnderTest({ answers: [json(card)] });
      expect(await run('cluster', ...args)).toBe(0);
      expect(asked[0]?.url.pathname).toBe('/v1/clusters/s/g/c');
    },
  );

  it('find no cluster by its name alone', async () => {
    expect(await cliUnderTest().run('cluster', 'c')).toBe(2);
  });
});
