import path from "node:path";
import type { KubeConfigDocument } from "../kubeConfig.js";
import type { ConnectionEnvironment } from "./environment.js";
import { describeReadFailure, isMissingFile, resolvePath } from "./environment.js";
import type { ConnectionFields } from "./fields.js";
import { invalid } from "./fields.js";

/**
 * The kubeconfigs that a place names, not parsed yet; none when it names none. A text is the content, or a path, or
 * several paths as KUBECONFIG has them. Each call reads the files again.
 */
export function kubeConfigsOf(
  fields: ConnectionFields,
  environment: ConnectionEnvironment,
): (() => readonly KubeConfigDocument[]) | undefined {
  const { kubeconfig } = fields.inputs;
  if (kubeconfig === undefined) return undefined;
  const origin = fields.origin("kubeconfig");
  if (typeof kubeconfig !== "string" || isContent(kubeconfig)) {
    return () => [{ content: kubeconfig, origin: `kubeconfig (${origin})` }];
  }
  const files = kubeconfig.split(path.delimiter).filter((file) => file !== "");
  return () => readList(files, origin, environment);
}

/** ~/.kube/config, when there is one. */
export function homeKubeConfig(
  environment: ConnectionEnvironment,
): (() => readonly KubeConfigDocument[]) | undefined {
  const file = path.join(environment.homeFolder, ".kube", "config");
  const load = () => [{ content: environment.readFile(file), folder: path.dirname(file), origin: file }];
  try {
    load();
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw invalid("kubeconfig", `${file} cannot be read: ${describeReadFailure(error)}`, "default place");
  }
  return load;
}

function isContent(text: string): boolean {
  return text.includes("\n") || text.trimStart().startsWith("{") || text.includes("apiVersion:");
}

function readOne(file: string, origin: string, environment: ConnectionEnvironment): KubeConfigDocument {
  const absolute = resolvePath(file, environment);
  try {
    const content = environment.readFile(absolute);
    return { content, folder: path.dirname(absolute), origin: `${absolute} (${origin})` };
  } catch (error) {
    throw invalid("kubeconfig", `${absolute} cannot be read: ${describeReadFailure(error)}`, origin);
  }
}

/** As kubectl: missing files of the list are passed over, as long as one is there. */
function readList(
  files: readonly string[],
  origin: string,
  environment: ConnectionEnvironment,
): readonly KubeConfigDocument[] {
  const existing = files.filter((file) => {
    try {
      environment.readFile(resolvePath(file, environment));
      return true;
    } catch (error) {
      return !isMissingFile(error); // whatever else is wrong with it is told when it is read
    }
  });
  return (existing.length === 0 ? files : existing).map((file) => readOne(file, origin, environment));
}
