/** The list of workflows: the only file the bundler is given. Every export is a workflow type. */
export { cluster } from './cluster.ts';
export { inspect, inspect as adopt } from './inspect.ts';
export { provision } from './provision.ts';
