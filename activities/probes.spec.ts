import { describe, expect, it, vi } from 'vitest';

import type { AzureErrorFacts } from '#libs/azure/azure-error.ts';
import type { Azure } from '#libs/azure/azure.ts';

import { accepted, answer, azureError, runAttempt, seen, standInAzure } from './azure-stand-in.ts';
import { probeActivities } from './probes.ts';

const idOf = (name: string) =>
  `/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/${name}`;
const probe = {
  endpoint: 'https://dce.westeurope-1.ingest.monitor.azure.com',
  ruleId: 'dcr-1',
  streamName: 'Custom-Probe_CL',
  table: 'Probe_CL',
};
const marker = "op'1";
const withinMs = 300_000;
const now = Date.parse('2026-03-01T00:00:00Z');
/** An attempt's own age, some ms, counts. */
const aboutNow = expect.stringMatching(/^2026-03-01T00:00:0/u);
const at = (ms: number) => ({ currentAttemptScheduledTimestampMs: now + ms });

/** What a query of a workspace finds: so many records, or a failure. */
type Shown = number | Error;

/** The deeds over an Azure whose workspaces, by name, show this; a record is taken or refused. */
function deedsOver(shown: Readonly<Record<string, Shown>>, refusal?: Error) {
  const ingest = vi.fn<Azure['logs']['ingest']>(async () => {
    if (refusal !== undefined) throw refusal;
    return await accepted();
  });
  const query = vi.fn<Azure['logs']['query']>(async (customerId) => {
    const found = shown[customerId.replace('guid-', '')] ?? 0;
    if (found instanceof Error) throw found;
    return await seen({ rows: [{ Count: found }] });
  });
  const read = vi.fn<Azure['workspaces']['read']>(
    async ({ name }) =>
      await seen({
        id: idOf(name),
        region: 'westeurope',
        provisioningState: 'Succeeded',
        sku: 'LACluster',
        customerId: `guid-${name}`,
      }),
  );
  const azure = standInAzure({ logs: { ingest, query }, workspaces: { read } });
  const deeds = probeActivities(azure, probe);
  const workspaces = Object.keys(shown).map(idOf);
  return {
    deeds,
    workspaces,
    ingest,
    query,
    read,
    send: async (info: Parameters<typeof runAttempt>[1] = {}, told: unknown[] = []) =>
      await runAttempt(
        async () => await deeds.probeIngestion({ workspaces, marker, withinMs }),
        { ...at(0), ...info },
        told,
      ),
    look: async () => {
      const once = { workspaces, marker, withinMs: 0, readable: true };
      return await runAttempt(async () => await deeds.probeAccess(once));
    },
  };
}

describe('probing ingestion', () => {
  it('sends one marked record and comes again to look for it', async () => {
    const { ingest, send } = deedsOver({ one: 0, two: 0 });
    await expect(send()).rejects.toMatchObject({
      type: 'StillRunning',
      category: 'BENIGN',
      nextRetryDelay: 2000,
    });
    expect(ingest.mock.calls.map(([stream, record]) => [stream, record])).toEqual([
      [probe, { TimeGenerated: aboutNow, Marker: marker }],
    ]);
  });

  it('answers when every workspace shows the record, with the instant it was taken', async () => {
    const told: unknown[] = [];
    await expect(deedsOver({ one: 0, two: 0 }).send({}, told)).rejects.toThrow();
    const later = deedsOver({ one: 1, two: 1 });
    const info = { ...at(2000), heartbeatDetails: told.at(-1) };
    await expect(later.send(info)).resolves.toEqual({
      configured: true,
      looks: [
        { workspaceId: idOf('one'), readable: true, seen: 1, requestId: 'request-1' },
        { workspaceId: idOf('two'), readable: true, seen: 1, requestId: 'request-1' },
      ],
      sentAt: aboutNow,
      requestId: 'request-2',
    });
    expect(later.ingest).not.toHaveBeenCalled();
  });

  it('asks again only where the record was not seen, each time after a longer pause', async () => {
    const told: unknown[] = [];
    await expect(deedsOver({ one: 1, two: 0 }).send({}, told)).rejects.toThrow();
    const later = deedsOver({ one: 0, two: 0 });
    const info = { ...at(2000), heartbeatDetails: told.at(-1) };
    await expect(later.send(info)).rejects.toMatchObject({ nextRetryDelay: 4000 });
    expect(later.query.mock.calls.map(([customerId]) => customerId)).toEqual(['guid-two']);
    expect(later.read).not.toHaveBeenCalled();
  });

  it('reads no workspace whose GUID is told', async () => {
    const { deeds, read, query, workspaces } = deedsOver({ one: 1 });
    const customerIds = { [idOf('one')]: 'guid-one' };
    await runAttempt(
      async () => await deeds.probeIngestion({ workspaces, customerIds, marker, withinMs }),
    );
    expect(read).not.toHaveBeenCalled();
    expect(query.mock.calls.map(([customerId]) => customerId)).toEqual(['guid-one']);
  });

  it('never waits longer than half a minute between two looks', async () => {
    const heartbeatDetails = { since: now, lookedTimes: 40, customerIds: {}, found: [] };
    const sent = { at: now, requestId: 'r' };
    const { send } = deedsOver({ one: 0 });
    await expect(
      send({ ...at(1000), heartbeatDetails: { ...heartbeatDetails, sent } }),
    ).rejects.toMatchObject({ nextRetryDelay: 30_000 });
  });

  it('sends nothing when the record is there already', async () => {
    const { ingest, send } = deedsOver({ one: 1 });
    const probed = await send();
    expect(probed).toMatchObject({ configured: true, looks: [{ seen: 1 }] });
    expect(probed).not.toHaveProperty('sentAt');
    expect(ingest).not.toHaveBeenCalled();
  });

  it('answers that it was not seen when the time is up', async () => {
    const told: unknown[] = [];
    await expect(deedsOver({ one: 0 }).send({}, told)).rejects.toThrow();
    const late = deedsOver({ one: 0 });
    const info = { ...at(withinMs + 1000), heartbeatDetails: told.at(-1) };
    await expect(late.send(info)).resolves.toMatchObject({
      looks: [{ readable: true, seen: 0 }],
      sentAt: aboutNow,
    });
  });

  it('sends and looks on while the data is out of reach, and says so in the end', async () => {
    const told: unknown[] = [];
    const denied = answer(403, 'no access to the key');
    const first = deedsOver({ one: denied });
    await expect(first.send({}, told)).rejects.toMatchObject({ type: 'StillRunning' });
    expect(first.ingest).toHaveBeenCalledOnce();
    const info = { ...at(withinMs + 1000), heartbeatDetails: told.at(-1) };
    await expect(deedsOver({ one: denied }).send(info)).resolves.toMatchObject({
      looks: [{ readable: false, seen: 0, reason: expect.stringContaining('no access') }],
    });
  });

  it.each([400, 403, 404])(
    'answers at once when Azure refuses the record with %i',
    async (status) => {
      const { send } = deedsOver({ one: 0 }, answer(status, 'not so'));
      await expect(send()).resolves.toMatchObject({
        configured: true,
        looks: [{ readable: true, seen: 0 }],
        refused: expect.stringContaining('not so'),
      });
    },
  );

  it('tries again when Azure has no time for the record', async () => {
    const throttled = azureError({ status: 429, retryAfterMs: 7000 });
    await expect(deedsOver({ one: 0 }, throttled).send()).rejects.toMatchObject({
      type: 'Throttled',
      nextRetryDelay: 7000,
    });
  });

  it('gives up on an Azure that has no time when its own is up', async () => {
    const told: unknown[] = [];
    const broken = answer(503);
    await expect(deedsOver({ one: 0 }, broken).send({}, told)).rejects.toThrow();
    const info = { ...at(withinMs + 1000), heartbeatDetails: told.at(-1) };
    const probed = await deedsOver({ one: 0 }, broken).send(info);
    expect(probed).toMatchObject({ looks: [{ seen: 0 }] });
    expect(probed).not.toHaveProperty('sentAt');
  });

  it('does not send again within a minute of a lost answer, but looks', async () => {
    const told: unknown[] = [];
    const lost = deedsOver({ one: 0 }, azureError({ kind: 'timeout' }));
    await expect(lost.send({}, told)).rejects.toMatchObject({ type: 'AnswerLost' });
    const soon = deedsOver({ one: 0 });
    const heartbeatDetails = told.at(-1);
    await expect(soon.send({ ...at(30_000), heartbeatDetails })).rejects.toMatchObject({
      type: 'AnswerLost',
    });
    expect(soon.ingest).not.toHaveBeenCalled();
    const found = deedsOver({ one: 1 });
    await expect(found.send({ ...at(30_000), heartbeatDetails })).resolves.toMatchObject({
      looks: [{ seen: 1 }],
    });
    const later = deedsOver({ one: 0 });
    // The first attempt's own age counts too.
    await expect(later.send({ ...at(61_000), heartbeatDetails })).rejects.toMatchObject({
      type: 'StillRunning',
    });
    expect(later.ingest).toHaveBeenCalledOnce();
  });
});

describe('probing queries', () => {
  it('counts the records with the marker, whatever characters it has', async () => {
    const { query, look } = deedsOver({ one: 2 });
    await expect(look()).resolves.toEqual({
      configured: true,
      looks: [{ workspaceId: idOf('one'), readable: true, seen: 2, requestId: 'request-1' }],
    });
    expect(query.mock.calls[0]?.[1]).toEqual({
      kql: String.raw`Probe_CL | where Marker == 'op\'1' | count`,
      timespan: 'P7D',
    });
  });

  it.each<[string, Partial<AzureErrorFacts>, boolean | 'unknown']>([
    ['a denial of the data', { status: 403, code: 'AnyKeyError', requestId: 'r' }, false],
    ['a denial of our own right', { status: 403, code: 'InsufficientAccessError' }, 'unknown'],
    ['a token that is not taken', { status: 401 }, 'unknown'],
    ['a table that is not there', { status: 400, code: 'BadArgumentError' }, 'unknown'],
    ['throttling', { status: 429 }, 'unknown'],
    ['an outage', { status: 503 }, 'unknown'],
    ['no answer', { kind: 'timeout' }, 'unknown'],
    ['no network', { kind: 'network' }, 'unknown'],
    ['no Entra', { kind: 'credential-outage' }, 'unknown'],
  ])('tells %s for what it is', async (_, facts, readable) => {
    const { look } = deedsOver({ one: azureError(facts) });
    const { looks } = await look();
    expect(looks).toEqual([
      {
        workspaceId: idOf('one'),
        readable,
        seen: 0,
        reason: expect.stringContaining('trying /thing'),
        ...(facts.requestId === undefined ? {} : { requestId: facts.requestId }),
      },
    ]);
  });

  it('takes half an answer for the truth only when the record is in it', async () => {
    const { query, look } = deedsOver({ one: 1 });
    const partial = 'PartialError';
    query.mockImplementationOnce(async () => await seen({ rows: [{ Count: 0 }], partial }));
    await expect(look()).resolves.toMatchObject({
      looks: [{ readable: 'unknown', seen: 0, reason: partial }],
    });
    query.mockImplementationOnce(async () => await seen({ rows: [{ Count: 1 }], partial }));
    await expect(look()).resolves.toMatchObject({ looks: [{ readable: true, seen: 1 }] });
  });

  it('knows nothing of the data of a workspace that it may not read, or that is not there', async () => {
    const { read, look, query } = deedsOver({ one: 1 });
    read.mockRejectedValueOnce(answer(403, 'no'));
    await expect(look()).resolves.toMatchObject({ looks: [{ readable: 'unknown', seen: 0 }] });
    read.mockImplementationOnce(async () => await seen(undefined));
    await expect(look()).resolves.toMatchObject({ looks: [{ readable: 'unknown', seen: 0 }] });
    expect(query).not.toHaveBeenCalled();
  });

  it.each<[AzureErrorFacts['kind'], object]>([
    ['credential', { type: 'CredentialRefused' }],
    ['cancelled', { name: 'CancelledFailure' }],
  ])('does not take a %s failure for a fact about the data', async (kind, expected) => {
    await expect(deedsOver({ one: azureError({ kind }) }).look()).rejects.toMatchObject(expected);
  });
});

it('says that nothing is known on a worker without probe settings', async () => {
  const deeds = probeActivities(standInAzure({}), undefined);
  const order = { workspaces: [idOf('one')], marker, withinMs };
  const nothing = { configured: false, looks: [] };
  await expect(runAttempt(async () => await deeds.probeIngestion(order))).resolves.toEqual(nothing);
  const access = { ...order, readable: true };
  await expect(runAttempt(async () => await deeds.probeAccess(access))).resolves.toEqual(nothing);
});

describe('probing access', () => {
  const lookFor = async (
    shown: Readonly<Record<string, Shown>>,
    { readable = false, after = 0, told = [] as unknown[] } = {},
  ) => {
    const { deeds, workspaces } = deedsOver(shown);
    const info = { ...at(after), ...(after > 0 && { heartbeatDetails: told.at(-1) }) };
    const order = { workspaces, marker, withinMs, readable };
    return await runAttempt(async () => await deeds.probeAccess(order), info, told);
  };
  const denied = answer(403, 'no access to the key');

  it.each([
    ['lost when no workspace can be queried', false, denied],
    ['back when every workspace can be queried', true, 1],
  ])('sees it %s', async (_, readable, each) => {
    const { looks } = await lookFor({ one: each, two: each }, { readable });
    expect(looks.map((look) => look.readable)).toEqual([readable, readable]);
  });

  it('looks again while one is as before, also where it showed the record', async () => {
    const told: unknown[] = [];
    await expect(lookFor({ one: denied, two: 1 }, { told })).rejects.toMatchObject({
      type: 'StillRunning',
      category: 'BENIGN',
    });
    const { looks } = await lookFor({ one: denied, two: denied }, { after: 2_000, told });
    expect(looks.map(({ readable }) => readable)).toEqual([false, false]);
  });

  it('says what is as before when the time is up, and takes no outage for a loss', async () => {
    const told: unknown[] = [];
    const shown = { one: 1, two: answer(503) };
    await expect(lookFor(shown, { told })).rejects.toThrow();
    const { looks } = await lookFor(shown, { after: withinMs + 1, told });
    expect(looks.map(({ readable }) => readable)).toEqual([true, 'unknown']);
  });
});
