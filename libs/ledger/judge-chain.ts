import { emptyHead, linkHash } from './hash-chain.ts';
import { StretchTooLong } from './ledger.ts';
import type { ChainLink, ChainStretch, ChainVerdict } from './ledger.ts';

/** Where a chain ends. */
export type ChainHead = Pick<ChainStretch, 'length' | 'head'>;

/** The end of a chain without events. */
export const noChain: ChainHead = { length: 0, head: emptyHead };

/** Recomputes a whole chain and compares it with what is kept of it. */
export function judgeChain(links: Iterable<ChainLink>, kept: ChainHead): ChainVerdict {
  let length = 0;
  let head = emptyHead;
  for (const { position, hash, text } of links) {
    length += 1;
    head = linkHash(head, text);
    if (position !== length)
      return { intact: false, position: length, reason: 'an event is missing' };
    if (hash !== head)
      return { intact: false, position: length, reason: 'the event does not match its hash' };
  }
  if (kept.length !== length || kept.head !== head)
    return { intact: false, position: length + 1, reason: 'the end of the chain is missing' };
  return { intact: true, length, head };
}

/** Places in a chain, the last one included. */
export interface Span {
  readonly chain: string;
  readonly first: number;
  readonly last: number;
}

/** Refuses a stretch that is too long to be handed out. @throws StretchTooLong */
export function checkLength({ first, last }: Span, atMost: number): void {
  const count = last - first + 1;
  if (count > atMost) throw new StretchTooLong(count, atMost);
}

/** A stretch from the links at its places and, unless it begins the chain, the one before. */
export function toStretch(
  { chain, first }: Span,
  links: readonly ChainLink[],
  kept: ChainHead,
): ChainStretch {
  const before = links.find(({ position }) => position === first - 1)?.hash ?? emptyHead;
  return {
    chain,
    length: kept.length,
    head: kept.head,
    before,
    links: links.filter(({ position }) => position >= first),
  };
}
