/** Where a version's schema was not to be had, or is the same as another's, the next one that is. */
const nearest: readonly { path: RegExp; versions: Readonly<Record<string, string>> }[] = [
  {
    path: /\/operationstatuses\//iu,
    // The address of an operation carries a version of its own, that of no published schema.
    versions: { '2015-11-01-preview': '2020-08-01' },
  },
  {
    path: /\/microsoft\.operationalinsights\/clusters/iu,
    versions: {
      '2023-09-01': '2022-10-01',
      '2025-02-01': '2025-07-01',
      '2025-04-01': '2025-07-01',
    },
  },
  {
    path: /\/savedsearches/iu,
    versions: Object.fromEntries(
      ['2023-09-01', '2025-02-01', '2025-07-01'].map((version) => [version, '2020-08-01']),
    ),
  },
  {
    path: /\/linked(?:services|storageaccounts)/iu,
    versions: { '2023-09-01': '2020-08-01', '2025-02-01': '2025-07-01' },
  },
  {
    path: /\/microsoft\.operationalinsights\//iu,
    versions: { '2025-02-01': '2025-07-01' },
  },
  {
    path: /\/microsoft\.keyvault\//iu,
    versions: Object.fromEntries(
      ['2023-02-01', '2024-11-01', '2025-05-01', '2026-02-01'].map((version) => [
        version,
        '2023-07-01',
      ]),
    ),
  },
  {
    path: /^\/(?:keys|deletedkeys)\b/iu,
    versions: { '7.4-preview.1': '7.4', '7.6': '7.5', '2025-07-01': '7.5' },
  },
];

/** The version whose published schema a request is held against. */
export function publishedVersionOf(url: URL, version: string): string {
  for (const { path, versions } of nearest) {
    if (path.test(url.pathname) && versions[version] !== undefined) return versions[version];
  }
  return version;
}
