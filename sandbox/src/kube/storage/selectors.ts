import type { KubeObject } from "../model/object.js";
import { badRequest } from "../model/status.js";

export type ObjectFilter = (object: KubeObject) => boolean;

/** Selects by `labelSelector` and `fieldSelector`; fields are those that the API server indexes, and a few more. */
export function selectorOf(query: URLSearchParams): ObjectFilter {
  const labels = splitTerms(query.get("labelSelector")).map(parseLabelTerm);
  const fields = splitTerms(query.get("fieldSelector")).map(parseFieldTerm);
  return (object) => [...labels, ...fields].every((matches) => matches(object));
}

// Commas inside the parentheses of a set do not end a term.
function splitTerms(selector: string | null): readonly string[] {
  return (selector ?? "")
    .split(/,(?![^(]*\))/)
    .map((term) => term.trim())
    .filter((term) => term !== "");
}

function parseLabelTerm(term: string): ObjectFilter {
  const set = /^([^\s=!(),]+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(term);
  if (set !== null) {
    const [, key = "", operator, list = ""] = set;
    const values = list.split(",").map((value) => value.trim());
    return (object) => {
      const value = object.metadata.labels?.[key];
      const isIn = value !== undefined && values.includes(value);
      return operator === "in" ? isIn : !isIn;
    };
  }
  const equality = /^([^\s=!(),]+)\s*(==|=|!=)\s*([^\s=!(),]*)$/.exec(term);
  if (equality !== null) {
    const [, key = "", operator, value] = equality;
    return (object) => (object.metadata.labels?.[key] === value) === (operator !== "!=");
  }
  const existence = /^(!?)\s*([^\s=!(),]+)$/.exec(term);
  if (existence === null) throw badRequest(`unable to parse requirement: ${JSON.stringify(term)}`);
  const [, negation, key = ""] = existence;
  return (object) => (object.metadata.labels?.[key] !== undefined) === (negation === "");
}

function parseFieldTerm(term: string): ObjectFilter {
  const parts = /^([A-Za-z.]+)(==|=|!=)(.*)$/.exec(term);
  if (parts === null) throw badRequest(`invalid selector: ${JSON.stringify(term)}; can't understand it`);
  const [, path = "", operator, value = ""] = parts;
  return (object) => (fieldText(object, path) === value) === (operator !== "!=");
}

function fieldText(object: KubeObject, path: string): string {
  let value: unknown = object;
  for (const key of path.split(".")) value = (value as Record<string, unknown> | undefined)?.[key];
  return typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value);
}
