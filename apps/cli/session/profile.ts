import { join } from 'node:path';
import { z } from 'zod';
import { readPrivateFile, removePrivateFile, writePrivateFile } from './private-file.ts';

const identity = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('simulator'), file: z.string(), principal: z.string() }),
  z.object({
    kind: z.literal('client'),
    issuer: z.string(),
    clientId: z.string(),
    scope: z.string(),
  }),
]);

const profile = z.object({
  api: z.string().optional(),
  subscription: z.string().optional(),
  identity: identity.optional(),
});

/** Who calls: a principal of a local simulator, or a client of an identity provider. Never a secret. */
export type Identity = z.infer<typeof identity>;

/** What `keyturn login` leaves behind for the commands after it. */
export type Profile = z.infer<typeof profile>;

const profileIn = (folder: string): string => join(folder, 'profile.json');

/** The profile in a folder; empty when nobody has logged in. */
export const readProfile = (folder: string): Profile =>
  readPrivateFile(profileIn(folder), profile) ?? {};

export const writeProfile = (folder: string, content: Profile): void =>
  writePrivateFile(profileIn(folder), content);

export const removeProfile = (folder: string): void => removePrivateFile(profileIn(folder));
