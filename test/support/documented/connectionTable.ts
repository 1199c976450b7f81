import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../repositoryRoot.js";

type Place = "argument" | "stack config" | "variable";

/** One way to say one setting, as the reference's table of the connection has it. */
export interface DocumentedSource {
  readonly place: Place;
  /** `token`, `okd:token` or `OKD_TOKEN`. */
  readonly name: string;
  /** The argument of the same meaning; for variables of proxies `proxyUrl` or `noProxy`. */
  readonly field: string;
}

const page = "docs/reference/connection.md";
const header = "| `connection` | stack config | variables | type | default | meaning |";

/** Every argument, key of the stack's config and variable that the reference documents. */
export function documentedSources(): readonly DocumentedSource[] {
  const text = readFileSync(join(repositoryRoot, page), "utf8");
  const table = text.split(`\n${header}\n`)[1]?.split("\n\n")[0];
  if (table === undefined) throw new Error(`${page} has no table with the head ${header}`);
  return table.split("\n").slice(1).flatMap(sourcesOfLine);
}

function sourcesOfLine(line: string): readonly DocumentedSource[] {
  const [fields = [], keys = [], variables = [], , ...meaning] = line
    .split(/(?<!\\)\|/)
    .slice(1)
    .map((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, word = ""]) => word));
  const [field = ""] = fields;
  const mentioned = meaning.flat().filter((word) => /^[A-Z]+_PROXY$/.test(word));
  const proxies = [...mentioned, ...mentioned.map((name) => name.toLowerCase())];
  return [
    { place: "argument", name: field, field },
    ...keys.map((name): DocumentedSource => ({ place: "stack config", name, field })),
    ...variables.map((name): DocumentedSource => ({ place: "variable", name, field })),
    ...proxies.map((name): DocumentedSource => ({ place: "variable", name, field })),
  ];
}
