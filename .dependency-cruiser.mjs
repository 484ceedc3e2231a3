/**
 * The walls: who may import whom, each with the reason it stands.
 * A types-only import is allowed where `typesOnly` says so: it costs nothing at run time and lets the
 * editor jump down the story.
 */
const wall = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });
const valuesOnly = { dependencyTypesNot: ['type-only'] };

export default {
  forbidden: [
    wall('no-cycles', 'Reading must never walk back up.', {}, { circular: true }),
    wall(
      'apps-are-not-imported',
      'A process is a plug, not a library.',
      { path: '^(libs|workflows|activities|test|tools)/' },
      { path: '^apps/', pathNot: '^apps/[^/]+/(config|bundle-workflows)[.]ts$', ...valuesOnly },
    ),
    wall(
      'apps-stay-apart',
      'Processes meet over the wire only.',
      { path: '^apps/([^/]+)/' },
      { path: '^apps/', pathNot: '^apps/$1/' },
    ),
    wall(
      'nobody-imports-tests',
      'Tests look at the product, never the other way.',
      { path: '^(apps|libs|workflows|activities|tools)/', pathNot: '[.]spec[.]ts$' },
      { path: '^test/' },
    ),
    wall(
      'domain-imports-nothing',
      'The rules must run anywhere, the workflow sandbox included.',
      { path: '^libs/domain/', pathNot: '[.]spec[.]ts$' },
      { pathNot: '^libs/domain/' },
    ),
    wall(
      'contracts-know-domain',
      'A contract names domain words and nothing that runs.',
      { path: '^libs/contracts/' },
      { path: '^(libs/(?!domain|contracts)|workflows|activities)' },
    ),
    wall(
      'client-knows-contracts',
      'The client is what any customer could write.',
      { path: '^libs/client/' },
      { path: '^(libs/(?!client|contracts|dial)|workflows|activities)' },
    ),
    wall(
      'azure-knows-azure',
      'The door to Azure knows nothing of operations.',
      { path: '^libs/azure/', pathNot: '[.]spec[.]ts$' },
      { path: '^(libs/(?!azure|dial|telemetry|domain/azure-ids)|workflows|activities)' },
    ),
    wall(
      'ledger-knows-domain',
      'The ledger keeps events and decides nothing.',
      { path: '^libs/ledger/' },
      { path: '^(libs/(?!ledger|domain|telemetry)|workflows|activities)' },
    ),
    wall(
      'small-libs-stand-alone',
      'The dial, the log and the way to Temporal serve everybody and know nobody.',
      { path: '^libs/(dial|telemetry|temporal)/', pathNot: '[.]spec[.]ts$' },
      { path: '^(libs|workflows|activities)/', pathNot: '^libs/$1/' },
    ),
    wall(
      'workflows-are-pure',
      'Workflows replay: domain, contracts and the SDK sandbox only.',
      { path: '^workflows/', pathNot: '[.]spec[.]ts$' },
      { path: '^libs/', pathNot: '^libs/(domain|contracts/temporal)', ...valuesOnly },
    ),
    wall(
      'workflows-import-no-deeds',
      'Activities are called through a proxy; only their types are seen.',
      { path: '^workflows/', pathNot: '[.]spec[.]ts$' },
      { path: '^activities/', ...valuesOnly },
    ),
    wall(
      'workflows-packages',
      'Anything else would not replay.',
      { path: '^workflows/', pathNot: '[.]spec[.]ts$' },
      {
        dependencyTypes: ['npm', 'npm-dev', 'core'],
        pathNot: 'node_modules/@temporalio/(workflow|common)/',
      },
    ),
    wall(
      'activities-look-down',
      'Deeds know Azure, the ledger and the domain.',
      { path: '^activities/', pathNot: '[.]spec[.]ts$' },
      { path: '^(workflows/|libs/(?!azure|ledger|domain|telemetry|contracts/temporal))' },
    ),
    wall(
      'api-never-touches-azure',
      'The API starts and reads workflows; only workers reach Azure.',
      { path: '^apps/api/', pathNot: '[.]spec[.]ts$' },
      { path: '^(activities/|libs/azure/)' },
    ),
    wall(
      'api-sees-workflow-types',
      'The API starts workflows by name.',
      { path: '^apps/api/', pathNot: '[.]spec[.]ts$' },
      { path: '^workflows/', ...valuesOnly },
    ),
    wall(
      'cli-is-a-client',
      'The command line can do nothing that another client could not.',
      { path: '^apps/cli/', pathNot: '[.]spec[.]ts$' },
      { path: '^(workflows|activities|libs/(?!client|contracts|dial|domain/azure-ids))' },
    ),
    wall(
      'tools-stay-outside',
      'What starts the product and tells its stories uses it as a customer does.',
      { path: '^tools/', pathNot: '[.]spec[.]ts$' },
      { path: '^(workflows|activities|libs/azure)/' },
    ),
    wall(
      'simulator-is-foreign',
      'A stand-in that shares our code shares our mistakes.',
      { path: '^apps/simulator/' },
      { path: '^(libs|workflows|activities|tools)/|node_modules/@azure/' },
    ),
    wall(
      'azure-sdk-has-one-door',
      'Every call to Azure passes the same deadlines and error sorting.',
      { path: '^(apps|workflows|activities|tools|libs/(?!azure))', pathNot: '[.]spec[.]ts$' },
      { path: 'node_modules/@azure/' },
    ),
    wall(
      'nest-lives-in-the-api',
      'Only the API is a framework application.',
      { path: '^(apps/(?!api)|libs|workflows|activities|tools)' },
      { path: 'node_modules/@nestjs/' },
    ),
    wall(
      'worker-sdk-has-one-home',
      'The native worker is 70 MB: only the worker process pays it.',
      { path: '^(apps/(?!worker)|libs|activities|tools/(?!bench/raw/))', pathNot: '[.]spec[.]ts$' },
      { path: 'node_modules/@temporalio/worker/' },
    ),
    wall(
      'client-sdk-has-few-homes',
      'Temporal is reached through libs/temporal.',
      { path: '^(apps/(?!api)|libs/(?!temporal)|workflows)', pathNot: '[.]spec[.]ts$' },
      { path: 'node_modules/@temporalio/client/', ...valuesOnly },
    ),
    wall(
      'databases-live-in-the-ledger',
      'One door to the database.',
      { path: '^(apps|workflows|activities|tools|libs/(?!ledger))' },
      { path: '^(node:)?sqlite$|node_modules/pg/' },
    ),
    wall(
      'cross-rooms-by-name',
      'A relative path stays in its room; # crosses a wall.',
      { path: '^(apps/[^/]+|libs/[^/]+|workflows|activities)/' },
      {
        path: '^(libs|workflows|activities)/',
        pathNot: '^$1/',
        dependencyTypesNot: ['aliased-subpath-import'],
      },
    ),
    wall(
      'nothing-unresolved',
      'A broken path is a broken wall.',
      {},
      { couldNotResolve: true, pathNot: '^node:' },
    ),
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    // Only our own: packages keep their code in a `dist` too, and would walk through the walls unseen.
    exclude: { path: '^(dist|coverage|[.]cache|[.]data)/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      conditionNames: ['development', 'import', 'require', 'node', 'default', 'types'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json', '.d.ts'],
    },
  },
};
