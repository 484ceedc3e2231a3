/** Which foreign clients the conformance stories run with, as the environment says. */
export interface ForeignClients {
  /** The search path that programs are found by. */
  path: string;
  /** An interpreter that may have Azure's Python clients: CONFORMANCE_PYTHON, else the system's. */
  python: string;
}

export function readForeignClients(): ForeignClients {
  const { PATH: path = '', CONFORMANCE_PYTHON: python = 'python3' } = process.env;
  return { path, python };
}
