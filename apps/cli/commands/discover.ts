import { setTimeout } from 'node:timers/promises';
import type { Command } from 'commander';
import type { DiscoveryView } from '#libs/contracts/http/discovery-views.ts';
import { parseClusterId } from '#libs/domain/azure-ids.ts';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { drawFindings } from '../output/finding-text.ts';
import { drawTable } from '../output/table.ts';
import type { Colours } from '../output/terminal.ts';
import { acting } from '../shell.ts';
import type { Session, Shell } from '../shell.ts';

/** The API itself waits for Azure for some seconds before it says that it is still reading. */
const askAgainMs = 1_000;

/** `keyturn discover [SUBSCRIPTION]` */
export function addDiscover(program: Command, shell: Shell): void {
  program
    .command('discover')
    .summary('read the clusters of a subscription in Azure, whoever made them')
    .description(
      'Reads the dedicated clusters of a subscription in Azure, whoever made them, and tells what is amiss. Nothing is changed.',
    )
    .argument('[subscription]', 'its id; the one of --subscription if absent')
    .action(
      acting(shell, async (session, subscription: string | undefined) => {
        const discovery = await discover(session, subscriptionOf(session, subscription));
        session.show(discovery, () => drawDiscovery(discovery, session.terminal.colours.print));
        const isNew = discovery.clusters.some(({ isKnown }) => !isKnown);
        if (isNew && !session.isJson)
          session.terminal.talk('To look after one that is not known: keyturn adopt GROUP/NAME');
        return undefined;
      }),
    );
}

function subscriptionOf({ settings }: Session, given: string | undefined): string {
  const subscription = given ?? settings.subscription;
  if (subscription !== undefined) return subscription;
  const remedy = 'Write its id, or set --subscription or KEYTURN_SUBSCRIPTION.';
  throw new CliError('no subscription is named', exitCodes.invalid, remedy);
}

/** Azure may take longer than one answer of the API: asking again joins the same reading. */
async function discover(
  { client, terminal }: Session,
  subscription: string,
): Promise<DiscoveryView> {
  let discovery = await client.discoverClusters(subscription);
  if (discovery.state === 'running') terminal.talk('Azure is being read…');
  while (discovery.state === 'running') {
    await setTimeout(askAgainMs);
    discovery = await client.discoverClusters(subscription);
  }
  return discovery;
}

function drawDiscovery({ clusters }: DiscoveryView, colours: Colours): string[] {
  const rows = clusters.map((cluster) => ({ ...cluster, place: parseClusterId(cluster.id) }));
  const table = drawTable(rows, {
    name: ({ place, id }) => place?.name ?? id,
    group: ({ place }) => place?.resourceGroup,
    known: ({ isKnown }) => (isKnown ? 'yes' : 'no'),
    region: (row) => row.region,
    'gb/day': (row) => row.capacityGbPerDay,
    key: ({ key }) => key?.mode,
    workspaces: (row) => row.linkedWorkspaces,
    findings: (row) => row.findings.count,
  });
  const found = rows.filter(({ findings }) => findings.top.length > 0);
  return [
    ...table,
    ...found.flatMap(({ id, place, findings }) => [
      `${colours.bold(place?.name ?? id)}:`,
      ...drawFindings(findings.top, colours),
    ]),
  ];
}
