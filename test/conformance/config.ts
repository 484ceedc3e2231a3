/** Which foreign clients and published schemas the conformance stories meet, as the environment says. */
export interface ConformanceConfig {
  /** The search path that programs are found by. */
  path: string;
  /** Interpreters that may have Azure's Python packages, in the order in which they are asked. */
  interpreters: readonly string[];
}

/** The interpreter named by CONFORMANCE_PYTHON, the first on the PATH, and the system's own. */
export function readConformanceConfig(): ConformanceConfig {
  const { PATH: path = '', CONFORMANCE_PYTHON: named = '' } = process.env;
  const interpreters = ['python3', '/usr/bin/python3'];
  return { path, interpreters: named === '' ? interpreters : [named, ...interpreters] };
}
