import { z } from 'zod';
import type { ClusterId } from '#libs/domain/azure-ids.ts';
import { everyVersion, type OperationRequest } from '#libs/domain/operation-request.ts';
import type { ProvisionRequest } from '#libs/domain/provision-request.ts';
import { keyBody, newVersionPolicy } from './provision-body.ts';
import { toKeyRequest } from './provision-rules.ts';

const planOnly = z.boolean().default(false).meta({ description: 'End after the plan.' });
const acceptPlan = z
  .string()
  .regex(/^[0-9a-f]{64}$/u, 'must be the hash of a plan')
  .optional()
  .meta({ description: 'The hash of a plan seen before; another plan stops and asks.' });

/** A day: longer than any cache of an unwrapped key is known to live (azure-domain 4.2, R96). */
const defaultSoakHours = 24;
const longestSoakHours = 30 * 24;
const hourMs = 3_600_000;
const keepHours = z
  .number()
  .min(0)
  .max(longestSoakHours)
  .default(defaultSoakHours)
  .meta({ description: 'How long after a cluster has left it a version stays enabled, at least.' });
const soakHours = z
  .number()
  .min(0)
  .max(longestSoakHours)
  .default(defaultSoakHours)
  .meta({ description: 'Wait between bind and proof, for caches to let go.' });
const retire = z
  .boolean()
  .default(true)
  .meta({ description: 'Whether an operation follows that disables what it leaves.' });
const reason = z
  .string()
  .min(1, 'must say why')
  .max(500, 'must be at most 500 characters')
  .meta({ description: 'Stands in the audit trail.' });
const version = /^[0-9a-f]{32}$/iu;
const { shape: keyMembers } = keyBody;
const otherKey = keyBody.extend({ source: keyMembers.source.default('generate') });

/** The body of `POST /v1/clusters/{…}/operations`, by kind. Provisioning has an address of its own. */
export const operationBody = z
  .discriminatedUnion(
    'kind',
    [
      z
        .strictObject({ kind: z.literal('inspect'), planOnly, acceptPlan })
        .meta({ description: 'Reads a cluster that Keyturn looks after, and changes nothing.' }),
      z
        .strictObject({
          kind: z.literal('adopt'),
          onNewVersion: newVersionPolicy,
          planOnly,
          acceptPlan,
        })
        .meta({
          description: 'Reads a cluster that somebody else made, and looks after it from now on.',
        }),
      z
        .strictObject({
          kind: z.literal('rotate'),
          to: z
            .union([z.enum(['new', 'latest']), z.string().regex(version)], {
              error: 'must be new, latest, or a version of 32 hexadecimal digits',
            })
            .meta({ description: 'Which version protects the cluster from then on.' }),
          mode: z.enum(['explicit', 'automatic']).optional().meta({
            description: 'How the cluster follows the key afterwards; as it does now if absent.',
          }),
          clusters: z.enum(['this', 'all']).default('this').meta({
            description:
              'Whether the other clusters on the key that Keyturn looks after in this subscription are rotated to that version too, each by an operation of its own.',
          }),
          soakHours,
          retire,
          keepHours,
          planOnly,
          acceptPlan,
        })
        .meta({ description: 'Puts another version of its key under a cluster.' }),
      z
        .strictObject({
          kind: z.literal('retire-version'),
          version: z
            .union([z.literal(everyVersion), z.string().regex(version)], {
              error: 'must be a version of 32 hexadecimal digits, or every',
            })
            .meta({ description: 'Which version is disabled, or every one that is enabled.' }),
          key: z
            .strictObject({ vaultId: keyMembers.vaultId, name: keyMembers.name })
            .optional()
            .meta({ description: 'The key it is of; the one that the cluster uses if absent.' }),
          keepHours,
          notBefore: z.iso.datetime({ offset: true }).optional().meta({
            description: 'Not before this instant either.',
          }),
          planOnly,
          acceptPlan,
        })
        .meta({ description: 'Disables a key version that no cluster uses any more.' }),
      z
        .strictObject({
          kind: z.literal('replace-key'),
          key: otherKey,
          reason,
          soakHours,
          retire,
          keepHours,
          planOnly,
          acceptPlan,
        })
        .meta({
          description:
            'Puts another key, of this or another vault, under a cluster whose key is not to be trusted any more. Nobody is locked out by it.',
        }),
      z
        .strictObject({
          kind: z.literal('revoke'),
          reason,
          by: z.enum(['grant', 'versions']).default('grant').meta({
            description:
              'What is taken away: the grant of this cluster alone, or the key, by its versions, from all who use it.',
          }),
          recoverAt: z.iso.datetime({ offset: true }).optional().meta({
            description:
              'Recovers it by itself at this instant, whatever has become of who asked: a drill. Azure may take an hour until a revocation shows.',
          }),
          breakGlass: z.boolean().default(false).meta({
            description: 'An approver revokes alone, without a second yes; to be reviewed.',
          }),
          planOnly,
          acceptPlan,
        })
        .meta({ description: 'Takes the access to its key away from a cluster.' }),
      z
        .strictObject({
          kind: z.literal('recover'),
          notBefore: z.iso.datetime({ offset: true }).optional().meta({
            description: 'Waits for this instant first.',
          }),
          planOnly,
          acceptPlan,
        })
        .meta({
          description: 'Undoes what keeps a cluster out of its key, and sees that it works.',
        }),
    ],
    { error: 'must be inspect, adopt, rotate, retire-version, replace-key, revoke or recover' },
  )
  .meta({ id: 'OperationBody' });

export type OperationBody = z.output<typeof operationBody>;
export type OperationBodyInput = z.input<typeof operationBody>;

/** The request as the domain knows it, every default written out. */
export function toOperationRequest(
  cluster: ClusterId,
  asked: OperationBody,
): Exclude<OperationRequest, ProvisionRequest> {
  const { planOnly: isPlanOnly, acceptPlan: accepted } = asked;
  const common = {
    cluster,
    planOnly: isPlanOnly,
    ...(accepted === undefined ? {} : { acceptPlan: accepted }),
  };
  switch (asked.kind) {
    case 'rotate': {
      const { to, mode, clusters } = asked;
      return {
        ...common,
        ...waitsOf(asked),
        to: to.toLowerCase(),
        ...(mode === undefined ? {} : { mode }),
        ...(clusters === 'all' ? { clusters } : {}),
      };
    }
    case 'replace-key':
      return { ...common, ...waitsOf(asked), key: toKeyRequest(asked.key), reason: asked.reason };
    case 'retire-version': {
      const { version: wanted, key, keepHours: kept, notBefore } = asked;
      return {
        ...common,
        version: wanted.toLowerCase(),
        keepMs: kept * hourMs,
        ...(key === undefined ? {} : { key }),
        ...(notBefore === undefined ? {} : { notBefore }),
      };
    }
    case 'revoke':
      return {
        ...common,
        reason: asked.reason,
        by: asked.by,
        breakGlass: asked.breakGlass,
        ...(asked.recoverAt === undefined ? {} : { recoverAt: asked.recoverAt }),
      };
    case 'recover':
      return {
        ...common,
        ...(asked.notBefore === undefined ? {} : { notBefore: asked.notBefore }),
      };
    case 'adopt': {
      const { onNewVersion } = asked;
      return { ...common, ...(onNewVersion === undefined ? {} : { onNewVersion }) };
    }
    default:
      return common;
  }
}

interface Waits {
  readonly soakHours: number;
  readonly retire: boolean;
  readonly keepHours: number;
}

const waitsOf = ({ soakHours: soaked, retire: isRetired, keepHours: kept }: Waits) => ({
  soakMs: soaked * hourMs,
  ...(isRetired ? { keepMs: kept * hourMs } : {}),
});
