import { createHash } from 'node:crypto';
import type { EvidenceView } from '#libs/contracts/http/evidence-views.ts';
import type { ChainStretch } from '#libs/ledger/ledger.ts';

type About = Pick<EvidenceView, 'operationId' | 'from' | 'to'>;

/** A stretch as a document whose every part is covered by one hash, so that a slip of a byte is found anywhere. */
export function sealed(about: About, stretch: ChainStretch): EvidenceView {
  const { chain, length, head, before } = stretch;
  const links = stretch.links.map(({ position, hash, text }) => ({ position, hash, event: text }));
  const body = {
    format: 'keyturn-evidence-1',
    madeAt: new Date().toISOString(),
    ...about,
    chain: { name: chain, length, head },
    before,
    links,
  } as const;
  return { ...body, seal: sealOf(body) };
}

function sealOf(body: Omit<EvidenceView, 'seal'>): string {
  const { format, madeAt, operationId, from, to, chain, before, links } = body;
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
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
