/**
 * Verifies an evidence bundle of Keyturn with nothing but sha256, and without anything else of Keyturn: an
 * auditor can read this file, or write it anew from the comments.
 *
 * A bundle is JSON. Its `links` are a stretch of a chain: `position` counts from 1, `event` is the text of an
 * event, and `hash` is sha256 (hex) over the hash before, a line feed and that text. `before` is the hash before
 * the first link. `seal` is sha256 over the JSON of everything else in a fixed order (see `sealOf`).
 */
import { createHash } from 'node:crypto';

/** What a verification finds; the bundle holds when there are no problems. */
export interface Verdict {
  readonly about: string;
  readonly problems: readonly string[];
  readonly proved: readonly string[];
  readonly notProved: readonly string[];
}

interface Link {
  readonly position: number;
  readonly hash: string;
  readonly event: string;
}

interface Bundle {
  readonly format: string;
  readonly madeAt: string;
  readonly operationId?: string;
  readonly from?: string;
  readonly to?: string;
  readonly chain: { readonly name: string; readonly length: number; readonly head: string };
  readonly before: string;
  readonly links: readonly Link[];
  readonly seal: string;
}

/** The members of an event that are looked at here. */
interface Told {
  readonly stream: string;
  readonly seq: number;
  readonly type: string;
  readonly at: string;
  readonly cluster?: string;
  readonly operationId?: string;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * Verifies the text of a bundle. `noted` is a hash of the chain that was written down elsewhere, earlier: only
 * it shows that the chain was not written anew as a whole.
 */
export function verifyEvidence(text: string, noted?: string): Verdict {
  const bundle = parse(text);
  if (typeof bundle === 'string')
    return { about: 'no evidence', problems: [bundle], proved: [], notProved: [] };
  const told = bundle.links.map(readEvent);
  const events = told.filter((event) => event !== undefined);
  const problems = [
    ...(bundle.seal === sealOf(bundle) ? [] : ['the seal does not fit: something was changed']),
    ...told.flatMap((event, index) =>
      event === undefined ? `${name(bundle.links[index])} is no event` : [],
    ),
    ...brokenLinks(bundle),
    ...foreignEvents(bundle, events),
    ...gapsInStreams(events),
    ...(bundle.operationId === undefined
      ? outsideOfPeriod(bundle, events)
      : notTheOperation(bundle, events)),
    ...(noted === undefined || hashesOf(bundle).includes(noted)
      ? []
      : [`no event has the hash ${noted} that was noted`]),
  ];
  return { about: describe(bundle), problems, ...meaning(bundle, events, noted) };
}

function parse(text: string): Bundle | string {
  let bundle: Bundle;
  try {
    bundle = JSON.parse(text) as Bundle;
  } catch (error) {
    return `the file is not JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
  const isBundle =
    bundle?.format === 'keyturn-evidence-1' &&
    typeof bundle.chain?.name === 'string' &&
    Array.isArray(bundle.links) &&
    bundle.links.length > 0 &&
    bundle.links.every((link) => typeof link?.event === 'string' && typeof link.hash === 'string');
  return isBundle ? bundle : 'the file is no evidence of the format keyturn-evidence-1';
}

function sealOf({ format, madeAt, operationId, from, to, chain, before, links }: Bundle): string {
  const parts = [
    format,
    madeAt,
    operationId ?? null,
    from ?? null,
    to ?? null,
    chain.name,
    chain.length,
    chain.head,
    before,
    links.map(({ position, hash, event }) => [position, hash, event]),
  ];
  return sha256(JSON.stringify(parts));
}

function readEvent({ event }: Link): Told | undefined {
  try {
    return JSON.parse(event) as Told;
  } catch {
    return undefined;
  }
}

const name = (link: Link | undefined): string => `event ${link?.position ?? '?'} of the chain`;

/** Each link must follow the one before: the next place, and a hash over the hash before and its own text. */
function brokenLinks({ before, links, chain }: Bundle): string[] {
  const problems = links.flatMap((link, index) => {
    const previous = links[index - 1];
    const gap = previous === undefined ? 0 : link.position - previous.position - 1;
    if (previous !== undefined && gap < 0)
      return `${name(link)} stands after event ${previous.position}: it was moved`;
    if (gap === 1) return `event ${link.position - 1} of the chain is missing`;
    if (gap > 1)
      return `events ${link.position - gap} to ${link.position - 1} of the chain are missing`;
    const hash = sha256(`${previous?.hash ?? before}\n${link.event}`);
    return hash === link.hash ? [] : `${name(link)} does not match its hash`;
  });
  const [first, last] = [links[0], links.at(-1)];
  if (first?.position === 1 && !/^0{64}$/u.test(before))
    problems.push('something stands before event 1 of the chain');
  if (last === undefined || last.position > chain.length)
    problems.push('the chain is said to be shorter than it is');
  else if (last.position === chain.length && last.hash !== chain.head)
    problems.push('the last event is not the end of the chain');
  return problems;
}

/** A chain holds the events of one cluster, or of one stream without a cluster. */
function foreignEvents({ chain }: Bundle, events: readonly Told[]): string[] {
  const foreign = events.filter(
    ({ cluster, stream }) => (cluster ?? stream).toLowerCase() !== chain.name,
  );
  return foreign.map(({ stream, seq }) => `event ${seq} of ${stream} is of another cluster`);
}

/** The events of each stream are numbered without gaps; the first one here may have any number. */
function gapsInStreams(events: readonly Told[]): string[] {
  const last = new Map<string, number>();
  return events.flatMap(({ stream, seq }) => {
    const before = last.get(stream);
    last.set(stream, seq);
    return before === undefined || seq === before + 1
      ? []
      : `event ${seq} of ${stream} follows its event ${before}`;
  });
}

function notTheOperation({ operationId }: Bundle, events: readonly Told[]): string[] {
  const [first, last] = [events[0], events.at(-1)];
  const begins =
    first?.operationId === operationId && first?.type === 'OperationRequested' && first.seq === 1;
  return [
    ...(begins ? [] : ['it does not begin with the request of the operation']),
    ...(last?.operationId === operationId
      ? []
      : ['it does not end with an event of the operation']),
  ];
}

function outsideOfPeriod({ from = '', to = '' }: Bundle, events: readonly Told[]): string[] {
  const ends = [events[0], events.at(-1)].filter((event) => event !== undefined);
  const outside = ends.filter(({ at }) => at < from || at >= to);
  return outside.map(({ at }) => `it begins or ends outside of the period, at ${at}`);
}

const hashesOf = ({ before, links, chain }: Bundle): string[] => [
  before,
  ...links.map(({ hash }) => hash),
  ...(links.at(-1)?.position === chain.length ? [chain.head] : []),
];

const describe = ({ operationId, from, to, chain, links, madeAt }: Bundle): string =>
  `${operationId === undefined ? `${from} to ${to}` : `operation ${operationId}`} on ${chain.name}: ` +
  `${links.length} events, handed out at ${madeAt}`;

/** What follows when there are no problems, and what does not. */
function meaning(
  { operationId, links }: Bundle,
  events: readonly Told[],
  noted: string | undefined,
) {
  const [first, last] = [links[0], links.at(-1)];
  const hasEnded = events.some(
    (event) => event.operationId === operationId && event.type === 'OperationEnded',
  );
  const proved = [
    `Each of the events ${first?.position} to ${last?.position} of the chain is word for word what was hashed; none is missing in between, none was added or moved.`,
    operationId === undefined
      ? `The period's first event here is at ${events[0]?.at}, its last at ${events.at(-1)?.at}.`
      : `The operation is here from its request to ${hasEnded ? 'its end' : 'what was last kept; it has not ended there'}.`,
    ...(noted === undefined
      ? []
      : [
          `The hash ${noted}, noted elsewhere, is in it: up to there the chain is the one it was then.`,
        ]),
  ];
  const notProved = [
    ...(noted === undefined
      ? [
          `That the whole chain was not written anew by somebody with the ledger in hand: for that, compare with a hash noted elsewhere (--hash). Note this one: ${last?.hash}, of event ${last?.position}.`,
        ]
      : []),
    ...(operationId === undefined
      ? ['That nothing of the period stands before or after these events.']
      : []),
    'That Azure did what the events tell: their own evidence says how each was seen, and by which request id.',
  ];
  return { proved, notProved };
}
