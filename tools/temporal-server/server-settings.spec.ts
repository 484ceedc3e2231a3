import { describe, expect, it } from 'vitest';
import { dynamicSettings, toDynamicConfigFile } from './server-settings.ts';

describe("the server's settings", () => {
  it('skip time only where it is asked for', () => {
    const name = 'frontend.WorkflowTimeSkippingEnabled';
    expect(dynamicSettings('virtual')[name]).toBe(true);
    expect(dynamicSettings('real')[name]).toBeUndefined();
  });

  it('are written as the file the server reads', () => {
    expect(toDynamicConfigFile({ 'a.b': '10ms', c: 7, d: false })).toBe(
      'a.b:\n  - value: "10ms"\nc:\n  - value: 7\nd:\n  - value: false\n',
    );
  });
});
