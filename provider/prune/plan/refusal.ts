import { describeInvalidReference } from "../../usage/usageIndex.js";
import type { PlanRefusal } from "./plan.js";

/** The refusal in oc's words, where one error stands alone and several are bracketed, each text once. */
export function describeRefusal(refusal: PlanRefusal): string {
  switch (refusal.kind) {
    case "undecodable-metadata":
      return `failed to read image metadata for ${refusal.digest}: ${refusal.problem}`;
    case "invalid-references": {
      const texts = [...new Set(refusal.references.map(describeInvalidReference))];
      return texts.length === 1 ? texts.join() : `[${texts.join(", ")}]`;
    }
  }
}
