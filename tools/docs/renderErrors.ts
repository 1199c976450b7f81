import { errorAdvice } from "./errorAdvice.js";
import { generatedMark, page, table } from "./markdown.js";

/** Every code of an error, in the order of the alphabet. */
export function renderErrors(): string {
  const rows = Object.entries(errorAdvice)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, { meaning, advice }]) => [`\`${code}\``, meaning, advice]);
  return page([
    "# Errors",
    generatedMark,
    "Messages say what was attempted, on what, and why it failed, and end with a code in brackets. Codes are stable: programs may match on them. Symptoms without a code are in [troubleshooting](../troubleshooting.md).",
    table(["code", "meaning", "what to do"], rows),
  ]);
}
