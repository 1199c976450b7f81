import { resolve } from "node:path";
import type { FileClaims } from "../support/fileClaims.js";

/** Why a report cannot go where it is to go: another resource of the program writes there. Undefined when none does. */
export function sharedReport(
  claims: FileClaims,
  urn: string,
  planReport: string | undefined,
  baseFolder: string,
): string | undefined {
  if (planReport === undefined) return undefined;
  const other = claims.claim(urn, resolve(baseFolder, planReport));
  if (other === undefined) return undefined;
  const name = other.split("::").at(-1) ?? other;
  return `planReport: ${planReport} is also written by the resource "${name}" of this program. Give one of them another file [REPORT_NOT_WRITTEN]`;
}
