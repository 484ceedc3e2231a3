import type { Site } from './site.ts';

/**
 * A text without what differs from one run to the next: names of the site, its region, ids, key versions
 * and instants.
 */
export function generalised(text: string, { name, region }: Pick<Site, 'name' | 'region'>): string {
  return text
    .replaceAll(name, '{site}')
    .replaceAll(region, '{region}')
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/giu, '{guid}')
    .replaceAll(/(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/giu, '{hex}')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.]\d+)?Z/gu, '{instant}')
    .replaceAll(/(?<![\w.])\d{13}(?:[.]\d+)?(?![\w.])/gu, '"{instant}"')
    .replaceAll(/dce-probes-\w+[.][^.]+[.]ingest/gu, 'dce-probes.ingest');
}
