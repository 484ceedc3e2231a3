import { expect, test } from 'vitest';
import { findRoute } from './route.ts';
import type { Route } from './route.ts';

const handle: Route['handle'] = () => ({ status: 200 });
const paths = [
  '/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}/providers/Microsoft.X/things/{name}',
  '/{scope*}/providers/Microsoft.Y/marks/{name}',
];
const routes: Route[] = paths.map((path) => ({ service: 'arm', method: 'GET', path, handle }));

function find(path: string): Record<string, string> | undefined {
  return findRoute(routes, { service: 'arm', method: 'GET', path })?.params;
}

test('literal segments fit in any letter case; parameters keep theirs', () => {
  expect(find('/SUBSCRIPTIONS/S1/resourcegroups/Rg/PROVIDERS/microsoft.x/Things/One/')).toEqual({
    subscriptionId: 'S1',
    resourceGroup: 'Rg',
    name: 'One',
  });
});

test('a scope takes as many segments as there are', () => {
  expect(find('/subscriptions/s/resourceGroups/g/providers/Microsoft.Y/marks/m')).toEqual({
    scope: 'subscriptions/s/resourceGroups/g',
    name: 'm',
  });
  expect(find('/providers/Microsoft.Y/marks/m')).toBeUndefined();
});

test('percent-encoded segments are decoded, and a broken one stays as it is', () => {
  const base = '/subscriptions/s/resourceGroups/g/providers/Microsoft.X/things';
  expect(find(`${base}/a%20b`)).toMatchObject({ name: 'a b' });
  expect(find(`${base}/%zz`)).toMatchObject({ name: '%zz' });
});

test('another service, method or length does not fit', () => {
  const request = {
    service: 'arm',
    method: 'GET',
    path: '/a/providers/Microsoft.Y/marks/m',
  } as const;
  expect(findRoute(routes, request)).toBeDefined();
  expect(findRoute(routes, { ...request, service: 'vault' })).toBeUndefined();
  expect(findRoute(routes, { ...request, method: 'PUT' })).toBeUndefined();
  expect(findRoute(routes, { ...request, path: `${request.path}/n` })).toBeUndefined();
});
