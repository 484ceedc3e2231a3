import { expect, it } from 'vitest';

import {
  formatClusterId,
  formatKeyVersionId,
  parseClusterId,
  parseKeyVersionId,
  parseVaultId,
  parseWorkspaceId,
  sameId,
  sameRegion,
  sameVaultUri,
} from './azure-ids.ts';

const text = '/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/clusters/c';

it('parses an id in any case and keeps the form of its parts', () => {
  const shouted = text.toUpperCase();
  expect(parseClusterId(shouted)).toEqual({ subscriptionId: 'S', resourceGroup: 'G', name: 'C' });
});

it('prints what it parsed', () => {
  const id = parseClusterId(text);
  expect(id && formatClusterId(id)).toBe(text);
});

it('does not take one type of resource for another', () => {
  expect(parseWorkspaceId(text)).toBeUndefined();
  expect(parseVaultId(text)).toBeUndefined();
});

it('refuses a path with something after the name', () => {
  expect(parseClusterId(`${text}/more`)).toBeUndefined();
});

it('parses a key identifier only with its version', () => {
  const kid = `https://v.vault.azure.net/keys/k/${'0a'.repeat(16)}`;
  const parsed = parseKeyVersionId(kid);
  expect(parsed && formatKeyVersionId(parsed)).toBe(kid);
  expect(parseKeyVersionId('https://v.vault.azure.net/keys/k')).toBeUndefined();
});

it('compares ids without regard to case', () => {
  expect(sameId(text, text.toLowerCase())).toBe(true);
  expect(sameId(text, `${text}2`)).toBe(false);
});

it('compares vault URIs without port, trailing slash and case', () => {
  expect(sameVaultUri('https://V.vault.azure.net:443', 'https://v.vault.azure.net/')).toBe(true);
  expect(sameVaultUri('https://v.vault.azure.net', 'https://w.vault.azure.net')).toBe(false);
});

it('compares regions by their words', () => {
  expect(sameRegion('West Europe', 'westeurope')).toBe(true);
  expect(sameRegion('West Europe', 'North Europe')).toBe(false);
});
