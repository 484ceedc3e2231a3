import type { Call } from '../route.ts';
import { badParameter } from './key-faults.ts';

/** The largest page Key Vault hands out, and its default. */
const PAGE = 25;

/** One page of a list, in order of identifier as the service sorts, with the address of the next. */
export function page<T extends { kid: string }>(call: Call, all: T[]) {
  const size = readSize(call.query.get('maxresults'));
  const after = readToken(call.query.get('$skiptoken'));
  const sorted = all
    .filter(({ kid }) => kid > after)
    .toSorted((left, right) => (left.kid < right.kid ? -1 : 1));
  const value = sorted.slice(0, size);
  const last = value.at(-1);
  const more = last !== undefined && sorted.length > size;
  return { value, nextLink: more ? nextLink(call, { size, after: last.kid }) : null };
}

function nextLink(call: Call, place: { size: number; after: string }): string {
  const token = Buffer.from(place.after).toString('base64url');
  return `${call.origin}:443${call.path}?api-version=${call.apiVersion}&$skiptoken=${token}&maxresults=${place.size}`;
}

function readSize(sent: string | null): number {
  if (sent === null) return PAGE;
  const size = Number(sent);
  if (Number.isInteger(size) && size >= 1 && size <= PAGE) return size;
  throw badParameter(`Property maxresults must be between 1 and ${PAGE}.`);
}

function readToken(sent: string | null): string {
  return sent === null ? '' : Buffer.from(sent, 'base64url').toString('utf8');
}
