import { compromiseStory } from './compromise-story.ts';
import { crashStory } from './crash-story.ts';
import { followStory } from './follow-story.ts';
import { drillStory } from './drill-story.ts';
import { ledgerStory } from './ledger-story.ts';
import { provisionStory } from './provision-story.ts';
import { releaseStory } from './release-story.ts';
import { revokeStory } from './revoke-story.ts';
import { rotateStory } from './rotate-story.ts';
import type { Story } from './story.ts';

/** Every story that can be told; the first is told unless another is named. */
export const stories: readonly [Story, ...Story[]] = [
  provisionStory,
  crashStory,
  rotateStory,
  followStory,
  revokeStory,
  compromiseStory,
  drillStory,
  releaseStory,
  ledgerStory,
];
