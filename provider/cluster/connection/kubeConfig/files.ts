import path from "node:path";
import { describeReadFailure, type Machine, resolvePath } from "../../../http/machine.js";
import { systemCode } from "../../../support/imageError.js";
import { nameOfFile } from "../../../support/text/paths.js";
import { type ConnectionFields, invalid } from "../fields.js";
import type { KubeConfigDocument } from "./selectContext.js";

/**
 * The kubeconfigs that a place names, not parsed yet; none when it names none. A text is the content, or a path, or
 * several paths as KUBECONFIG has them. Each call reads the files again.
 */
export function kubeConfigsOf(
  fields: ConnectionFields,
  machine: Machine,
): (() => readonly KubeConfigDocument[]) | undefined {
  const { kubeconfig } = fields.inputs;
  if (kubeconfig === undefined) return undefined;
  const origin = fields.origin("kubeconfig");
  if (typeof kubeconfig !== "string" || isContent(kubeconfig)) {
    return () => [{ content: kubeconfig, origin: `kubeconfig (${origin})` }];
  }
  if (isEncoded(kubeconfig)) {
    throw invalid("kubeconfig", "is in base64; give what it decodes to, or the path of a file", origin);
  }
  const files = kubeconfig.split(path.delimiter).filter((file) => file.trim() !== "");
  if (isDispensable(fields) && !files.some((file) => exists(file, machine))) return undefined;
  return () => readList(files, origin, machine);
}

/** With the server in a variable, a KUBECONFIG that does not exist yet (it is set for other tools) does not count, as for `oc`. */
function isDispensable({ inputs, place }: ConnectionFields): boolean {
  const { host, context, cluster } = inputs;
  return place === "environment" && host !== undefined && context === undefined && cluster === undefined;
}

/** Other problems of a file are reported when it is read. */
function exists(file: string, machine: Machine): boolean {
  try {
    machine.readFile(resolvePath(file, machine));
    return true;
  } catch (error) {
    return systemCode(error) !== "ENOENT"; // as kubectl, which takes nothing else for a missing file
  }
}

/** ~/.kube/config, when it exists and is not empty. */
export function homeKubeConfig(machine: Machine): (() => readonly KubeConfigDocument[]) | undefined {
  const file = path.join(machine.homeFolder, ".kube", "config");
  const load = () => [{ content: machine.readFile(file), folder: path.dirname(file), origin: file }];
  try {
    if (machine.readFile(file).trim() === "") return undefined;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw invalid("kubeconfig", `${file} cannot be read: ${describeReadFailure(error)}`, "default place");
  }
  return load;
}

function isContent(text: string): boolean {
  return text.includes("\n") || text.trimStart().startsWith("{") || text.includes("apiVersion:");
}

/** In base64, as CI systems store it; no path decodes to a kubeconfig. */
function isEncoded(text: string): boolean {
  const compact = text.replaceAll(/\s/g, "");
  if (compact.length < 40 || !/^[\w+/-]+={0,2}$/.test(compact)) return false;
  const decoded = Buffer.from(compact, "base64").toString("utf8");
  return ["apiVersion", "clusters", "contexts", "users"].some((word) => decoded.includes(word));
}

function readOne(file: string, origin: string, machine: Machine): KubeConfigDocument {
  const absolute = resolvePath(file, machine);
  try {
    const content = machine.readFile(absolute);
    return { content, folder: path.dirname(absolute), origin: `${absolute} (${origin})` };
  } catch (error) {
    throw invalid(
      "kubeconfig",
      `${nameOfFile(file, absolute)} cannot be read: ${describeReadFailure(error)}`,
      origin,
    );
  }
}

/** Like kubectl, skips missing and empty files of the list, as long as one has content. */
function readList(files: readonly string[], origin: string, machine: Machine): readonly KubeConfigDocument[] {
  if (files.length === 0) throw invalid("kubeconfig", "names no file", origin);
  const existing = files.filter((file) => exists(file, machine));
  if (existing.length === 0 && files.length > 1) {
    const paths = namesOf(files, machine);
    throw invalid("kubeconfig", `none of these files is there: ${paths}`, origin);
  }
  const documents = (existing.length === 0 ? files : existing).map((file) => readOne(file, origin, machine));
  const telling = documents.filter(({ content }) => typeof content !== "string" || content.trim() !== "");
  if (telling.length > 0) return telling;
  const paths = namesOf(existing, machine);
  throw invalid("kubeconfig", `${paths} is empty; \`oc login\` writes it`, origin);
}

function namesOf(files: readonly string[], machine: Machine): string {
  return files.map((file) => nameOfFile(file, resolvePath(file, machine))).join(", ");
}
