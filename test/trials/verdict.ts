/** Judges a disturbed run by an undisturbed one. */
import type { Run } from './batch.ts';
import { pathOf } from './exchanges.ts';
import { generalised } from './generalised.ts';
import type { Instant, Overtaken } from './overtaking.ts';

export interface Verdict {
  readonly run: Run;
  /** As in the table: `ok`; `asked`: went well after a person had looked; `BAD`. */
  readonly word: 'ok' | 'asked' | 'BAD';
  /** Why it is bad, or what a person was told. */
  readonly notes: readonly string[];
}

/** A run by what it should have come to: its end undisturbed, or that of who is overtaken. */
export const judge = (calm: Run, run: Run): Verdict =>
  run.overtaken === undefined ? compare(calm, run) : judgeOvertaken(run, run.overtaken);

/** The state and the effects must be the undisturbed run's; if a person was asked, then for the reason there was. */
function compare(calm: Run, run: Run): Verdict {
  const surplus = surplusOf(calm, run);
  const hasSurplusKey = surplus.some((effect) => effect.startsWith(keyMade));
  const isCompared = (line: string) => !hasSurplusKey || !line.startsWith('key');
  const notes = [
    ...wrongEnding(run),
    ...wrongAttention(run),
    ...differences('state', calm.state.filter(isCompared), run.state.filter(isCompared)),
    ...differences(
      'effects',
      effectsOf(calm).filter(isDue(run)),
      without(effectsOf(run), surplus).filter(isDue(run)),
    ),
    ...(hasSurplusKey && !reports(run, 'surplus_key_version')
      ? ['a surplus key version is not reported']
      : []),
    ...wrongEvidence(calm, run),
  ];
  return verdictOf(run, notes);
}

/** Who is overtaken ends for that; the data is out of reach from then on until it is recovered, and then is back. */
function judgeOvertaken(run: Run, { revocation, recovery, seen }: Overtaken): Verdict {
  const codes = run.operation?.outcome?.findings.map(({ code }) => code) ?? [];
  const { state, outcome } = run.operation ?? {};
  const isFor = state === 'refused' && codes.includes('cluster_revoked');
  const readable = (instant: Instant, wanted: boolean) =>
    seen[instant]?.isReadable === wanted ? [] : [`${instant}: readable is not ${wanted}`];
  const { before, recovered, afterwards } = seen;
  return verdictOf(run, [
    ...(run.trouble === undefined ? [] : [`trouble: ${run.trouble}`]),
    ...(run.met === 0 ? ['the exchange never came'] : []),
    ...(isFor ? [] : [`it is ${state} (${codes.join(', ')}): ${outcome?.summary}`]),
    ...wrongAttention(run),
    ...[revocation, recovery].flatMap((other) =>
      other?.state === 'succeeded' ? [] : [`${other?.kind} is ${other?.state}`],
    ),
    ...readable('before', true),
    ...readable('ended', false),
    ...readable('later', false),
    ...readable('recovered', true),
    ...readable('afterwards', true),
    ...(before?.outageSeconds === 0 ? [] : ['there was an outage before it']),
    ...(afterwards?.outageSeconds === recovered?.outageSeconds ? [] : ['an outage goes on']),
    ...(afterwards?.isOnEnabledVersion === true ? [] : ['the version in use is not enabled']),
  ]);
}

function verdictOf(run: Run, notes: readonly string[]): Verdict {
  if (notes.length > 0) return { run, word: 'BAD', notes };
  const { attention } = run;
  if (attention === undefined) return { run, word: 'ok', notes };
  return { run, word: 'asked', notes: [`${attention.reason} (${attention.seen})`] };
}

const keyMade = 'key version created';

/** What the network itself had Azure do once more, by delivering twice. */
function surplusOf(calm: Run, run: Run): string[] {
  const more = without(effectsOf(run), effectsOf(calm));
  const delivered = effectsOf({
    ...run,
    exchanges: run.exchanges.filter(({ fault }) => fault === 'duplicate'),
  });
  return more.filter((effect) => delivered.includes(effect));
}

const reports = ({ operation }: Run, code: string): boolean =>
  operation?.outcome?.findings.some((finding) => finding.code === code) ?? false;

/**
 * A probe that is not seen is no failure, if it is told. After a day of trying it never is: the operation has
 * flown a day ahead of Azure's clock, and its record lies in the future of those who look for it.
 */
const isDue = (run: Run) => (effect: string) =>
  !effect.startsWith(probed) || !reports(run, 'probe_not_seen');

function wrongEnding({ trial, operation, trouble, met }: Run): string[] {
  const summary = operation?.outcome?.summary ?? operation?.waiting?.detail ?? '';
  return [
    ...(trouble === undefined ? [] : [`trouble: ${trouble}`]),
    ...(operation?.state === 'succeeded' ? [] : [`it is ${operation?.state}: ${summary}`]),
    ...(trial !== undefined && met === 0 ? ['the exchange never came'] : []),
  ];
}

/** A reason is a sentence, and what was seen is what there was. */
function wrongAttention({ trial, attention }: Run): string[] {
  if (attention === undefined || trial === undefined) return [];
  const { reason, seen } = attention;
  return [
    ...(/^\w+$/u.test(reason) ? [`the reason is no sentence: ${reason}`] : []),
    ...(trial.fault.shows.test(seen) ? [] : [`what was seen is not what there was: ${seen}`]),
  ];
}

/** What became of each kind of thing, once for each time that it was done. */
function effectsOf({ exchanges, site }: Run): string[] {
  return exchanges.flatMap((exchange) =>
    [...new Set(exchange.effects.map(wordFor))].map(
      (effect) => `${effect} at ${pathOf(site, exchange)}`,
    ),
  );
}

/** The probes' records of one site come to all sites of its batch, where they are written or dropped. */
const wordFor = (effect: string): string => (effect.startsWith('records ') ? probed : effect);

const probed = 'records taken';

/** A lower grade of evidence needs a finding that says why. */
function wrongEvidence(calm: Run, run: Run): string[] {
  if (run.operation?.state !== 'succeeded') return [];
  const findingsOf = ({ operation }: Run) => operation?.outcome?.findings ?? [];
  if (findingsOf(run).length > findingsOf(calm).length) return [];
  return differences('evidence', evidenceOf(calm), evidenceOf(run));
}

const evidenceOf = ({ operation, site }: Run): string[] =>
  (operation?.outcome?.evidence ?? []).map(({ claim, grade }) =>
    generalised(`${grade}: ${claim}`, site),
  );

function differences(what: string, wanted: readonly string[], seen: readonly string[]): string[] {
  return [
    ...without(wanted, seen).map((line) => `${what}: missing ${line}`),
    ...without(seen, wanted).map((line) => `${what}: surplus ${line}`),
  ];
}

/** The lines without those of the others, each taken away once. */
function without(lines: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return lines.filter((line) => {
    const place = left.indexOf(line);
    if (place === -1) return true;
    left.splice(place, 1);
    return false;
  });
}
