import type { Transaction } from '../store.ts';
import type { StoredPrincipal, Tenant } from './directory.ts';
import { userNameOf } from './tokens.ts';

/** Who can sign in: whoever has a role in somebody's API, and the owner. There are no passwords. */
function people(tx: Transaction): StoredPrincipal[] {
  return tx
    .list<StoredPrincipal>('principals')
    .filter(
      ({ kind, roles, name }) => kind === 'application' && (roles.length > 0 || name === 'owner'),
    );
}

/** The person of that name, if it may sign in. */
export function personNamed(tx: Transaction, name: string | null): StoredPrincipal | undefined {
  return people(tx).find((person) => person.name === name);
}

/** A page with one link for each person, to the same address with their name added. */
export function peoplePage(
  tx: Transaction,
  asked: { tenant: Tenant; query: URLSearchParams; asksForCode?: true },
): string {
  const { tenant, query, asksForCode } = asked;
  const kept = [...query].filter(([name]) => name !== 'sign_in_as' && name !== 'user_code');
  const hidden = kept.map(([name, value]) => input('hidden', name, value)).join('');
  const code = asksForCode
    ? `<p><label>Code <input name="user_code" value="${escaped(query.get('user_code') ?? '')}"></label></p>`
    : '';
  const buttons = people(tx)
    .map(
      ({ name }) =>
        `<p><button name="sign_in_as" value="${escaped(name)}">${escaped(userNameOf(name))}</button></p>`,
    )
    .join('');
  return `<!doctype html><meta charset="utf-8"><title>Sign in</title><style>body{font:16px sans-serif;max-width:24rem;margin:4rem auto}button{font:inherit;width:100%;padding:.6rem;text-align:left}</style><h1>Sign in to ${escaped(tenant.displayName)}</h1><p>This is a simulated directory: choose who you are.</p><form>${hidden}${code}${buttons}</form>`;
}

function input(type: string, name: string, value: string): string {
  return `<input type="${type}" name="${escaped(name)}" value="${escaped(value)}">`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
