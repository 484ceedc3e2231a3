import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../tools/project.ts';

/** Which foreign clients and published schemas the simulator is held against, as the environment says. */
export interface ConformanceConfig {
  /** The search path that programs are found by. */
  path: string;
  /** Interpreters that may have Azure's Python packages, in the order in which they are asked. */
  interpreters: readonly string[];
  /** A copy of `specification/` of azure-rest-api-specs, or of parts of it; undefined when there is none. */
  specs: string | undefined;
}

/**
 * CONFORMANCE_PYTHON, the first interpreter on the PATH, and the system's own; CONFORMANCE_SPECS, or `.cache/specs`
 * of the project where that exists.
 */
export function readConformanceConfig(): ConformanceConfig {
  const { PATH: path = '', CONFORMANCE_PYTHON: python = '', CONFORMANCE_SPECS } = process.env;
  const specs = CONFORMANCE_SPECS ?? join(projectRoot, '.cache/specs');
  return {
    path,
    interpreters: [...(python === '' ? [] : [python]), 'python3', '/usr/bin/python3'],
    specs: existsSync(specs) ? specs : undefined,
  };
}
