import type { Azure, KeyVersionFacts, RotationPolicyFacts } from '#libs/azure/azure.ts';

import { seen } from './azure-stand-in.ts';

/** A key that specs switch, delete and have back: what a vault would hold of it. */
export class KeyStandIn {
  versions: KeyVersionFacts[] = [];
  policy: RotationPolicyFacts = { actions: [] };
  deleted: KeyVersionFacts[] | undefined;
  /** Done before each change of a version, as another one would do it at that instant. */
  meanwhile: () => void = () => {};
  readonly sent: string[] = [];

  add(version: string, change: Partial<KeyVersionFacts> = {}): void {
    this.versions.push({
      kid: `https://kv.vault.azure.net/keys/cmk/${version}`,
      version,
      enabled: true,
      createdAt: '',
      tags: {},
      recoverable: true,
      ...change,
    });
  }

  /** Versions that are enabled. */
  get enabled(): string[] {
    return this.versions.filter(({ enabled }) => enabled).map(({ version }) => version);
  }

  tagsOf(version: string): Readonly<Record<string, string>> | undefined {
    return this.versions.find((each) => each.version === version)?.tags;
  }

  readonly keys: Partial<Azure['keys']> = {
    versions: async () => await seen(this.versions.map((version) => ({ ...version }))),
    readDeleted: async () => await seen(this.deleted && { deletedAt: '', purgeAt: 'soon' }),
    change: async ({ version }, change) => {
      this.meanwhile();
      this.sent.push(`${change.enabled ? 'enable' : 'disable'} ${version}`);
      this.versions = this.versions.map((each) =>
        each.version === version ? { ...each, ...change } : each,
      );
      return await seen(undefined);
    },
    recover: async () => {
      this.sent.push('recover');
      this.versions = this.deleted ?? [];
      this.deleted = undefined;
      return await seen(undefined);
    },
    readRotation: async () => await seen(this.policy),
    setRotation: async (_, __, policy) => {
      this.sent.push(`rotate ${policy.actions.map(({ action }) => action).join(' ')}`.trim());
      this.policy = policy;
      return await seen(undefined);
    },
  };
}
