/** The list of workflows: the only file the bundler is given. Every export is a workflow type. */
export { adopt } from './adopt.ts';
export { cluster } from './cluster.ts';
export { discovery } from './discovery.ts';
export { inspect } from './inspect.ts';
export { inspectAll } from './inspect-all.ts';
export { key } from './key.ts';
export { provision } from './provision.ts';
export { recover } from './recover.ts';
export { replaceKey } from './replace-key.ts';
export { retireVersion } from './retire-version.ts';
export { revoke } from './revoke.ts';
export { rotate } from './rotate.ts';
