import { describe, expect, it } from 'vitest';
import type { Report } from './report.ts';
import { drawReport } from './report.ts';

const latency = { callers: 10, calls: 200, failed: 0, medianMs: 20, p99Ms: 50, perSecond: 300 };
const report: Report = {
  machine: { cores: 2, load: 1.5, node: '24.0.0' },
  startToReadySeconds: 6.04,
  provision: {
    workspaces: 3,
    seconds: 12,
    operationEvents: 140,
    entityEvents: 30,
    azure: { work: 40, polls: 9, tokens: 2, challenges: 1, byMethod: {} },
  },
  accepting: [{ product: latency, raw: { ...latency, medianMs: 16 }, ratio: 1.25 }],
  restart: { readySeconds: 2, progressSeconds: 2.34 },
  gate: { operations: 1000, knownBuildSeconds: 2, newBuildSeconds: 9.96 },
  idleClusters: { memoryMb: [200, 240.2, 241] },
  workerMemory: { waits: 24, seconds: 45.2, firstMb: 250.4, lastMb: 251 },
  simulatorReads: {
    callers: 16,
    perCoreSecond: 4100.4,
    perSecond: 1100,
    msPerWrite: 1.25,
    memory: [
      { exchanges: 20_000, mb: 120.2 },
      { exchanges: 100_000, mb: 121 },
    ],
  },
};

describe('the report', () => {
  const lines = drawReport(report);

  it('holds counts against their budgets', () => {
    expect(lines[2]).toMatch(/^provision, 3 workspaces: operation events +140 +budget 160$/u);
    expect(lines[4]).toContain('budget 45, beyond 9 polls, 2 tokens, 1 challenges');
  });

  it('holds accepting against the raw measure of the same run', () => {
    expect(lines[5]).toMatch(
      /^accept, 10 callers: median +20[.]0 ms +raw 16[.]0 ms, ratio 1[.]25 [(]aim 1[.]3[)]$/u,
    );
  });

  it('holds the time of the gate against a start without it', () => {
    expect(lines.find((line) => line.startsWith('replay gate'))).toMatch(
      /1000 operations open: to ready +10[.]0 s +2[.]0 s for the build that served before$/u,
    );
  });

  it('shows memory as clusters come', () => {
    expect(lines.find((line) => line.includes('idle clusters'))).toContain(
      '200 MB → 240 MB → 241 MB',
    );
  });

  it('says that memory is unknown where it is', () => {
    const { waits, seconds } = report.workerMemory;
    const other = drawReport({ ...report, workerMemory: { waits, seconds } });
    const line = other.find((each) => each.startsWith('worker memory, 24 waits'));
    expect(line).toContain('unknown → unknown');
  });

  it('tells the simulator by the core that it uses, and that it keeps nothing of what it answered', () => {
    expect(lines.find((line) => line.startsWith('simulator, plain reads'))).toContain('4100 /s');
    expect(lines.find((line) => line.startsWith('simulator memory'))).toContain('120 MB → 121 MB');
  });
});
