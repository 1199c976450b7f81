import type { CutReason, ImageDeletionReason, ImageKeepReason, ItemKeepReason } from "../plan/plan.js";

/**
 * Reasons for people. They complete "it goes, because: …" and "it stays, because: …", and name no number of the policy, so
 * that the same reason reads the same in every report.
 */
export const cutReasonTexts: Readonly<Record<CutReason, string>> = {
  "dangling-item": "dangling: its Image is gone",
  "obsolete-revision": "obsolete revision",
  "over-limit": "over the size limit",
  "subject-gone": "signature or attestation of an image that goes",
};

export const imageDeletionReasonTexts: Readonly<Record<ImageDeletionReason, string>> = {
  "unreferenced-image": "nothing refers to it any more",
  "child-of-removed-index": "part of an index that goes",
};

export const itemKeepReasonTexts: Readonly<Record<ItemKeepReason, string>> = {
  "young-stream": "its stream is young",
  "unreadable-metadata": "its stream lists an Image that does not say what it needs",
  "young-item": "young",
  "tag-in-use": "a workload uses the tag",
  "revision-kept": "among the newest revisions",
  "within-limit": "within the size limit",
  "digest-in-use": "a workload uses the digest",
  "reference-tag": "the tag only remembers its source",
  "all-images-missing": "every Image of its stream is missing",
  "current-dangling": "its Image is gone, but the tag points to it",
  "importable-tag": "the tag would be imported again",
  "external-image": "imported, not pushed",
  "follows-subject": "signature or attestation of an image that stays",
  "kept-by-policy": "the policy keeps it",
  "invalid-reference": "a reference that cannot be read may mean it",
  "not-approved": "not approved",
};

export const imageKeepReasonTexts: Readonly<Record<ImageKeepReason, string>> = {
  "used-by-stream": "a stream lists it",
  "child-of-kept-index": "part of an index that stays",
  "external-image": "imported, not pushed",
  "young-image": "young",
  "digest-in-use": "a workload uses the digest",
  "young-unreferenced": "in no stream, but only lately",
  "not-selected": "outside the policy's selection",
  "kept-by-policy": "the policy keeps it",
  "unknown-content": "it does not say what it needs",
  "invalid-reference": "a reference that cannot be read may mean it",
  "not-approved": "not approved",
};
