import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../repositoryRoot.js";

export type Place = "argument" | "stack config" | "variable";

/** One way to say one setting, as README's table of the connection has it. */
export interface DocumentedSource {
  readonly place: Place;
  /** `token`, `okd:token` or `OKD_TOKEN`. */
  readonly name: string;
  /** The argument of the same meaning; for variables of proxies `proxyUrl`. */
  readonly field: string;
}

const header = "| `connection` | stack config | variables | meaning |";

/** Every argument, key of the stack's config and variable that the README documents. */
export function documentedSources(): readonly DocumentedSource[] {
  const readme = readFileSync(join(repositoryRoot, "README.md"), "utf8");
  const table = readme.split(`\n${header}\n`)[1]?.split("\n\n")[0];
  if (table === undefined) throw new Error(`the README has no table with the head ${header}`);
  return table.split("\n").slice(1).flatMap(sourcesOfLine);
}

function sourcesOfLine(line: string): readonly DocumentedSource[] {
  const [fields = [], keys = [], variables = [], meaning = []] = line
    .split("|")
    .slice(1)
    .map((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, word = ""]) => word));
  const ofField = (field: string): readonly DocumentedSource[] => [
    { place: "argument", name: field, field },
    ...keys
      .filter((key) => key === `okd:${field}`)
      .map((name): DocumentedSource => ({ place: "stack config", name, field })),
    ...variables
      .filter((name) => fields.length === 1 || name.endsWith(`_${field.toUpperCase()}`))
      .map((name): DocumentedSource => ({ place: "variable", name, field })),
  ];
  const [field = ""] = fields;
  const mentioned = meaning.filter((word) => /^[A-Z]+_PROXY$/.test(word));
  const proxies = [...mentioned, ...mentioned.map((name) => name.toLowerCase())];
  return [
    ...fields.flatMap(ofField),
    ...proxies.map((name): DocumentedSource => ({ place: "variable", name, field })),
  ];
}
