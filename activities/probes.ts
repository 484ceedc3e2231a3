import { AzureError } from '#libs/azure/azure-error.ts';
import type { Azure, Call, LogStream } from '#libs/azure/azure.ts';

import { callAzure, type Attempt } from './azure-call.ts';
import { again } from './failures.ts';
import { lookForRecord, markerColumn, verdictOn, type Look } from './look-for-record.ts';
import { workspaceIdOf } from './resource-ids.ts';
import { sendOnce } from './send-once.ts';

/** Where marked records are sent, and the table they are to be found in. */
export interface ProbeTarget extends LogStream {
  readonly table: string;
}

export interface QueryProbe {
  /** Resource ids of at most 20 workspaces. */
  readonly workspaces: readonly string[];
  /** Their own GUIDs by resource id, as far as they are known: the others are read. */
  readonly customerIds?: Readonly<Record<string, string>>;
  /** What the record is found again by: one of its own for each probe. */
  readonly marker: string;
}

export interface IngestionProbe extends QueryProbe {
  /** How long the record is looked for, ms of workflow time since the first attempt. */
  readonly withinMs: number;
}

export interface AccessProbe extends IngestionProbe {
  /** Whether it is waited for that the data can be read, or for that it cannot. */
  readonly readable: boolean;
}

export interface QueryProbed {
  /** False when this worker has no probe settings: nothing was asked then, and nothing is known. */
  readonly configured: boolean;
  /** One for each workspace, in the order asked for. */
  readonly looks: readonly Look[];
}

export interface IngestionProbed extends QueryProbed {
  /** When Azure took the record, ISO 8601; absent when it was there already, or never taken. */
  readonly sentAt?: string;
  /** Azure's id of the answer that took it. */
  readonly requestId?: string;
  /** Why Azure does not take the record at all. */
  readonly refused?: string;
}

/** Deeds that observe whether a workspace takes and shows records (R89); they change nothing but the probes' table. */
export function probeActivities(azure: Azure, probe: ProbeTarget | undefined) {
  return {
    /**
     * Sends one marked record, unless it is there, and looks until every workspace shows it or the time is up:
     * a workspace that does not show it has `seen` 0. The probes' rule decides which workspaces it leads to.
     */
    async probeIngestion({
      workspaces,
      customerIds,
      marker,
      withinMs,
    }: IngestionProbe): Promise<IngestionProbed> {
      if (probe === undefined) return { configured: false, looks: [] };
      return await callAzure(async (call, attempt) => {
        const memory = recall(attempt, customerIds);
        const question = { azure, probe, workspaces, marker };
        const looks = await lookEverywhere(question, memory, call);
        const answer = () => ({ configured: true, looks, ...whenSent(memory) });
        const open = looks.filter(({ seen }) => seen === 0).length;
        const { since, lookedTimes } = memory.read();
        if (open === 0 || attempt.now() - since >= withinMs) return answer();
        if (memory.read().sent === undefined) {
          const refused = await send(question, { memory, attempt, call });
          if (refused !== undefined) return { ...answer(), refused };
        }
        throw again(
          'StillRunning',
          `looking for ${marker}: ${open} do not show it`,
          pause(lookedTimes),
        );
      });
    },

    /**
     * Looks until every workspace can be queried, or none, as is wanted, or the time is up. The record that
     * the marker names was stored before, so that a query has to touch data under the key.
     */
    async probeAccess({
      workspaces,
      marker,
      withinMs,
      readable,
    }: AccessProbe): Promise<QueryProbed> {
      if (probe === undefined) return { configured: false, looks: [] };
      return await callAzure(async (call, attempt) => {
        const memory = recall(attempt);
        // What was found before says nothing of now.
        memory.add({ found: [] });
        const looks = await lookEverywhere({ azure, probe, workspaces, marker }, memory, call);
        const open = looks.filter((look) => look.readable !== readable).length;
        const { since, lookedTimes } = memory.read();
        if (open === 0 || attempt.now() - since >= withinMs) return { configured: true, looks };
        const message = `looking at the data of ${looks.length} workspaces: ${open} are to change yet`;
        throw again('StillRunning', message, pause(lookedTimes));
      });
    },
  };
}

interface Question {
  readonly azure: Azure;
  readonly probe: ProbeTarget;
  readonly workspaces: readonly string[];
  readonly marker: string;
}

/** What one attempt leaves to the next. */
interface Remembered {
  /** When the first attempt began, epoch ms of workflow time. */
  readonly since: number;
  readonly lookedTimes: number;
  readonly customerIds: Readonly<Record<string, string>>;
  /** Looks that found the record: they are not repeated. */
  readonly found: readonly Look[];
  readonly sent?: { readonly at: number; readonly requestId: string };
  /** What `sendOnce` tells. */
  readonly sending?: unknown;
}

interface Memory {
  read(): Remembered;
  add(part: Partial<Remembered>): void;
}

function recall(attempt: Attempt, customerIds: QueryProbe['customerIds'] = {}): Memory {
  const read = () =>
    (attempt.told() as Remembered | undefined) ?? {
      since: attempt.now(),
      lookedTimes: 0,
      customerIds,
      found: [],
    };
  return { read, add: (part) => attempt.tell({ ...read(), ...part } satisfies Remembered) };
}

async function lookEverywhere(question: Question, memory: Memory, call: Call): Promise<Look[]> {
  const { found, customerIds, lookedTimes } = memory.read();
  const learned: Record<string, string> = { ...customerIds };
  const looks = await Promise.all(
    question.workspaces.map(
      async (workspaceId) =>
        found.find((look) => look.workspaceId === workspaceId) ??
        (await lookAt(question, { workspaceId, learned }, call)),
    ),
  );
  memory.add({
    customerIds: learned,
    found: looks.filter(({ seen }) => seen > 0),
    lookedTimes: lookedTimes + 1,
  });
  return looks;
}

async function lookAt(
  { azure, probe, marker }: Question,
  { workspaceId, learned }: { workspaceId: string; learned: Record<string, string> },
  call: Call,
): Promise<Look> {
  const id = workspaceIdOf(workspaceId);
  try {
    const customerId =
      learned[workspaceId] ?? (await azure.workspaces.read(id, call)).value?.customerId;
    if (customerId !== undefined) learned[workspaceId] = customerId;
    const sought = { workspaceId, customerId, table: probe.table, marker };
    return await lookForRecord(azure, sought, call);
  } catch (error) {
    // Of the workspace's own resource, not of its data: whatever was said of it, the data is unknown.
    return { workspaceId, seen: 0, ...verdictOn(error), readable: 'unknown' };
  }
}

/** Sends the record; answers Azure's words when it will not take it. @throws what another attempt may change */
async function send(
  { azure, probe, marker }: Question,
  { memory, attempt, call }: { memory: Memory; attempt: Attempt; call: Call },
): Promise<string | undefined> {
  const ofSending: Attempt = {
    now: () => attempt.now(),
    told: () => memory.read().sending,
    tell: (sending) => memory.add({ sending }),
  };
  const record = { TimeGenerated: new Date(attempt.now()).toISOString(), [markerColumn]: marker };
  try {
    const { requestId } = await sendOnce(ofSending, `record ${marker}`, () =>
      azure.logs.ingest(probe, record, call),
    );
    memory.add({ sent: { at: attempt.now(), requestId } });
    return undefined;
  } catch (error) {
    if (error instanceof AzureError && isFinalNo(error)) return error.message;
    throw error;
  }
}

const isFinalNo = ({ kind, status = 0 }: AzureError): boolean =>
  kind === 'answer' && status >= 400 && status < 500 && ![401, 408, 429].includes(status);

function whenSent(memory: Memory): Pick<IngestionProbed, 'sentAt' | 'requestId'> {
  const { sent } = memory.read();
  if (sent === undefined) return {};
  return { sentAt: new Date(sent.at).toISOString(), requestId: sent.requestId };
}

const firstPauseMs = 2_000;
const longestPauseMs = 30_000;

/** A record takes twenty seconds to three minutes to show: each look waits twice as long as the one before. */
const pause = (lookedTimes: number): number =>
  Math.min(firstPauseMs * 2 ** (lookedTimes - 1), longestPauseMs);
