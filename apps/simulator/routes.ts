import type { Route } from './route.ts';

/** Everything the simulator answers; any other request is Azure's own 404 and marked `unimplemented`. */
export const routes: readonly Route[] = [];
