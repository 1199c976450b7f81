import { isObject } from "../../support/json.js";
import { reportKind } from "./model.js";

/** An invisible mark in pages. */
export const reportMark = `pulumi-okd-images: ${reportKind}`;

/** Whether a text is a plan report, of whatever version: only such a file may be written over. */
export function isOwnReport(text: string): boolean {
  const start = text.trimStart();
  if (start.startsWith("{")) return isJsonReport(start);
  if (/^<!doctype html>/i.test(start)) return isPage(start);
  return isMarkdown(start);
}

function isJsonReport(text: string): boolean {
  try {
    const report: unknown = JSON.parse(text);
    return (
      isObject(report) &&
      report.kind === reportKind &&
      typeof report.fingerprint === "string" &&
      Array.isArray(report.items)
    );
  } catch {
    return false;
  }
}

/** Those of the first version have no mark, but all else is the same. */
function isPage(text: string): boolean {
  return (
    text.includes(`<meta name="generator" content="${reportMark}">`) ||
    (text.includes('<a class="skip" href="#going">Skip to what would go</a>') &&
      text.includes("<footer>Written by pulumi-okd-images for "))
  );
}

/** Its heading, and the line that says how to approve it: no other text has both. */
function isMarkdown(text: string): boolean {
  return (
    text.startsWith("## Prune plan `") &&
    /^- To approve exactly this: `approvedFingerprint: "sha256:[0-9a-f]{64}"`$/m.test(text)
  );
}
