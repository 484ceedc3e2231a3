/** The effect, and the news, that who may use a key has changed: every cluster's storage looks again. */
export const ACCESS_CHANGED = 'access changed';
