/** How the server counts time: as users have it, or ready to skip waits in tests and told stories. */
export type TimeMode = 'real' | 'virtual';

export type Setting = string | number | boolean;

/** The server's dynamic configuration: names and values as Temporal 1.32 spells them. */
export function dynamicSettings(time: TimeMode): Readonly<Record<string, Setting>> {
  const always = {
    // No call home from a developer's machine.
    'frontend.enableServerVersionCheck': false,
    // The default polls 20 times a second: a tick of 50 ms on every hop of a workflow.
    'history.transferProcessorMaxPollRPS': 1_000,
    // The default of 10 a second makes lists wait silently.
    'frontend.namespaceRPS.visibility': 100,
    // The default of 20 s leaves a stream of events unheard for long between two calls; the server's own parts
    // give each other 30 s.
    'history.longPollExpirationInterval': '27s',
  };
  if (time === 'real') return always;
  return {
    ...always,
    'frontend.WorkflowTimeSkippingEnabled': true,
    // The default rounds timers up to a second, which every skip would cost.
    'history.timerProcessorMaxTimeShift': '10ms',
    // The default of 30 s keeps a deleted workflow that long, which the test of retention would wait for.
    'history.transferProcessorUpdateAckInterval': '1s',
  };
}

/** The settings as the YAML file the server reads. */
export function toDynamicConfigFile(settings: Readonly<Record<string, Setting>>): string {
  const entries = Object.entries(settings).map(
    ([name, value]) => `${name}:\n  - value: ${JSON.stringify(value)}\n`,
  );
  return entries.join('');
}
