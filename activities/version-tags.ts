/** Tags of key versions: what was done to them, and by which operation. */

/** The revocation that disabled the version. */
export const revokedTag = 'keyturn-revoked';
/** The cluster that it was revoked for, as `subscription/group/name`. */
export const revokedForTag = 'keyturn-revoked-for';
/** When the vault rotated the key by itself before the revocation. */
export const revokedRotationTag = 'keyturn-revoked-rotation';
/** The operation that retired the version. */
export const retiredTag = 'keyturn-retired-by';
