import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { ended, operation, operationId, plan, planHash } from '../cli-under-test.ts';
import { tellNews } from './operation-news.ts';

const plain = pc.createColors(false);
const step = { name: 'vault', title: 'Vault kv', target: 'kv' } as const;
const finding = {
  code: 'commitment',
  severity: 'info',
  rule: 'R150',
  reason: 'billed',
  remedy: 'choose',
} as const;

describe('the news of an operation', () => {
  it('begin with what it is', () => {
    const first = operation({ steps: [] });
    expect(tellNews(undefined, first, plain)).toEqual([`provision of ${first.cluster}`, 'running']);
  });

  it('are nothing when nothing has changed', () => {
    const now = operation({ findings: [finding], plan });
    expect(tellNews(now, { ...now, seq: 2 }, plain)).toEqual([]);
  });

  it('tell each step when it begins, waits and is done', () => {
    const pending = operation({ steps: [{ ...step, state: 'pending' }] });
    const running = operation({ steps: [{ ...step, state: 'running' }] });
    const waiting = operation({
      steps: [{ ...step, state: 'waiting', waiting: { reason: 'azure', detail: 'Azure works' } }],
      waiting: { reason: 'azure', detail: 'Azure works' },
    });
    const done = operation({ steps: [{ ...step, state: 'done', detail: 'made' }] });
    expect(tellNews(pending, running, plain)).toEqual(['  ▸ Vault kv']);
    expect(tellNews(running, waiting, plain)).toEqual(['  ▸ Vault kv  waits: Azure works']);
    expect(tellNews(waiting, done, plain)).toEqual(['  ✓ Vault kv  made']);
  });

  it('tell a wait outside of steps, and until when', () => {
    const until = '2026-01-15T00:00:00.000Z';
    const waiting = { reason: 'lane', detail: 'another operation', until } as const;
    const news = tellNews(operation(), operation({ waiting }), plain);
    expect(news).toEqual(['  waits: another operation, due 2026-01-15T00:00:00Z']);
  });

  it('tell a finding once, though plan, operation and outcome repeat it', () => {
    const found = operation({ findings: [finding], plan: { ...plan, findings: [finding] } });
    const news = tellNews(operation({ plan }), found, plain);
    expect(news).toEqual(['  info commitment (R150): billed', '      choose']);
    const over = ended('succeeded', { plan, findings: [finding] });
    expect(tellNews(found, over, plain)).toEqual(['succeeded: it is succeeded']);
  });

  it('say how an approval is given', () => {
    const approval = { planHash, from: 'second-person', reason: 'it cannot be undone' };
    const asked = operation({ state: 'awaiting-approval', approval });
    expect(tellNews(operation(), asked, plain)).toEqual([
      'awaiting-approval',
      'approval of a second person is asked: it cannot be undone',
      `  keyturn approve ${operationId} --plan ${planHash}`,
      `  keyturn reject ${operationId} --reason "…"`,
    ]);
  });

  it('say what can be done about an attention', () => {
    const attention = {
      step: 'grant',
      reason: 'no right',
      seen: '403',
      choices: ['resume', 'cancel'],
    } as const;
    const stuck = operation({ state: 'attention', attention });
    expect(tellNews(operation(), stuck, plain)).toEqual([
      'attention',
      'attention at grant: no right',
      '  seen: 403',
      `  keyturn resume ${operationId}`,
      `  keyturn cancel ${operationId}`,
    ]);
  });
});
