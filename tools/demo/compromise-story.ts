import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import { formatClusterId } from '#libs/domain/azure-ids.ts';
import { follow, sayYes } from './following.ts';
import { provisionOrder } from './provision-order.ts';
import { readStorage } from './simulated-storage.ts';
import { seconds } from './step-lines.ts';
import type { Story, Telling } from './story.ts';

/** Longer than the storage leaves a key alone, at the pace of the story. */
const soakHours = 0.002;
const keepHours = 0.004;

/** A key is out: the cluster goes over to another one in another vault, and the old one is retired. */
export const compromiseStory: Story = {
  name: 'compromise',
  title: 'A key is compromised: another takes its place, and what is left of it is retired',
  stack: { pace: 2_000 },
  tell: async (telling) => {
    const { stack, client, stage } = telling;
    const body = provisionOrder(stack.simulator);
    const clusterId = formatClusterId(body.cluster);
    const storage = async () => await readStorage(stack.simulator, clusterId);
    const wrappers = async () =>
      (await storage())?.accounts.map(({ wrappedBy }) => wrappedBy) ?? [];

    stage.say(`The operator provisions cluster ${body.cluster.name}.`);
    const made = await follow(telling, (await client.provisionCluster(body)).operationId);
    const [before = 'none'] = await wrappers();

    stage.title(
      'Its key is in the hands of others: the operator replaces it by one in a new vault',
    );
    const asked = {
      kind: 'replace-key',
      key: { vaultId: `${body.key.vaultId}-2`, name: body.key.name },
      reason: 'a backup of the key was found where it should not be',
      soakHours,
      keepHours,
    } as const;
    const replacing = (await client.operateCluster(body.cluster, asked)).operationId;
    const replaced = await follow(telling, replacing);
    const after = await wrappers();

    stage.title('What is left of the old key is retired; an approver has to say yes');
    const retired = await follow(telling, await follower(telling, replaced), sayYes(telling));
    const unwraps = (await storage())?.unwrapsNow === true;

    stage.title('Measured, at a pace of 2,000');
    stage.say(`  ${sinceRequest(replaced, 'bind')} from the request to the bind`);
    stage.say(`  ${sinceRequest(replaced, 'proof')} from the request to the proof`);
    const disabled = retired.steps.at(-1)?.name ?? '';
    const disabledAt = endOf(retired, disabled) - Date.parse(replaced.requestedAt);
    stage.say(`  ${seconds(disabledAt)} from the request to the old key disabled`);
    for (const { claim, grade } of [replaced, retired].flatMap(
      ({ outcome }) => outcome?.evidence ?? [],
    ))
      stage.say(`  ${grade}: ${claim}`);
    const isAway = after.length > 0 && after.every((kid) => kid.includes(`${vaultOf(before)}-2`));
    return [
      stage.check(`The cluster was made: ${made.state}`, made.state === 'succeeded'),
      checkEnd(telling, replaced),
      stage.check(`The storage was wrapped by ${before} and is wrapped by ${after[0]}`, isAway),
      checkEnd(telling, retired),
      stage.check(
        `The simulated Azure: ${before} is disabled, and the storage unwraps`,
        unwraps && retired.steps.some(({ target, state }) => target === before && state === 'done'),
      ),
    ].every(Boolean);
  },
};

const checkEnd = ({ stage }: Telling, { state, outcome }: OperationView): boolean =>
  stage.check(
    `The operation ended: ${state}. ${outcome?.summary ?? ''}`,
    state === 'succeeded' && (outcome?.evidence.length ?? 0) > 0,
  );

/** When a step ended, epoch ms; NaN when it has not. */
const endOf = ({ steps }: OperationView, step: string): number =>
  Date.parse(steps.find(({ name }) => name === step)?.endedAt ?? '');

const sinceRequest = (operation: OperationView, step: string): string =>
  seconds(endOf(operation, step) - Date.parse(operation.requestedAt));

const vaultOf = (kid: string): string => new URL(kid).hostname.split('.')[0] ?? '';

/** The operation that another wanted, as soon as it is there: the entity starts it. */
async function follower({ client, signal }: Telling, { followedBy }: OperationView) {
  const id = followedBy?.id ?? '';
  while (!signal.aborted) {
    try {
      return (await client.readOperation(id)).id;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
  return id;
}
