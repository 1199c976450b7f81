import { streamName } from "../../okd/streamName.js";
import { nameList, pluralOf } from "../../support/text/wording.js";
import type { VanishingImages } from "../../usage/findUsers.js";
import type { PlannedRemoval } from "../plan/removal.js";
import type { FoundUsers } from "../ports.js";

/** What to tell about a removal and its users, in sentences without a full stop. */
export interface UseReport {
  /** Why it may not happen; undefined when it may. */
  readonly refusal: string | undefined;
  readonly warnings: readonly string[];
  readonly remarks: readonly string[];
}

const shownUsers = 5;
const shownImages = 10;

/** Users refuse a removal unless `deleteInUse`; what only a rollback needs is a warning. */
export function describeUse(removal: PlannedRemoval, found: FoundUsers): UseReport {
  const { vanishing, deleteInUse, subject, advice } = removal;
  const { blocking, history, unread } = found;
  const loss = describeLoss(vanishing);
  const inUse = `${loss}, which ${userList(blocking)} ${pluralOf(blocking.length, "uses", "use")}`;
  const isRefused = blocking.length > 0 && !deleteInUse;
  return {
    refusal: isRefused ? `${subject}: ${inUse}. ${advice}` : undefined,
    warnings: [
      ...(blocking.length > 0 && deleteInUse ? [inUse] : []),
      ...(history.length > 0
        ? [`${loss}; ${userList(history)} could not be rolled back to or run again`]
        : []),
      ...(unread.length > 0
        ? [`${loss}; whether something uses that is not certain: you may not list ${unread.join(" and ")}`]
        : []),
    ],
    remarks: blocking.length === 0 && vanishing.digests.length > 0 ? [loss] : [],
  };
}

/** `pod/web-1 namespace=shop, pod/web-2 namespace=shop and 3 more` */
export function userList(users: readonly string[]): string {
  return nameList(users, shownUsers);
}

function describeLoss(vanishing: VanishingImages): string {
  const { tags, digests } = vanishing;
  const stream = streamName(vanishing);
  const images =
    digests.length > 0
      ? digests.map((digest) => `${stream}@${digest}`)
      : tags.map((tag) => `${stream}:${tag}`);
  return `removing ${nameList(tags, shownImages)} makes ${nameList(images, shownImages)} unpullable`;
}
