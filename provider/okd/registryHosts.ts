import { listAt, textAt, valueAt } from "../support/json.js";
import { byText } from "../support/text/spelling.js";

export const registryNamespace = "openshift-image-registry";
export const registryService = "image-registry";
const defaultPort = 5000;

/** Of images.config.openshift.io/cluster: what an administrator asks for, then what is in force. */
export function externalHostnames(imageConfig: unknown): readonly string[] {
  const parts = ["spec", "status"].flatMap((part) => listAt(imageConfig, part, "externalRegistryHostnames"));
  return parts.filter((host) => typeof host === "string");
}

/** Those routes of the registry's namespace that lead to it. */
export function registryRoutes(routes: readonly unknown[]): readonly RegistryRoute[] {
  return routes
    .filter(leadsToRegistry)
    .map((route) => ({ name: textAt(route, "metadata", "name"), host: textAt(route, "spec", "host") }))
    .sort(
      (a, b) =>
        Number(b.name === "default-route") - Number(a.name === "default-route") || byText(a.name, b.name),
    );
}

function leadsToRegistry(route: unknown): boolean {
  const kind = textAt(route, "spec", "to", "kind") || "Service";
  const path = textAt(route, "spec", "path");
  const isWhole = path === "" || path === "/";
  return (
    kind === "Service" &&
    textAt(route, "spec", "to", "name") === registryService &&
    isWhole &&
    !isRefused(route)
  );
}

/** Every router refuses it, for instance because another project had its host before: its host is not the registry's. */
function isRefused(route: unknown): boolean {
  const host = textAt(route, "spec", "host");
  const verdicts = listAt(route, "status", "ingress")
    .filter((ingress) => [host, ""].includes(textAt(ingress, "host")))
    .map((ingress) =>
      listAt(ingress, "conditions").some(
        (condition) => textAt(condition, "type") === "Admitted" && textAt(condition, "status") === "False",
      ),
    );
  return verdicts.length > 0 && verdicts.every((isFalse) => isFalse);
}

/** The address of the registry within the cluster; of a service that may not be read, with its usual port. */
export function serviceHost(service: unknown): string {
  const numbers = listAt(service, "spec", "ports")
    .map((port) => valueAt(port, "port"))
    .filter((port) => typeof port === "number");
  const port = numbers.includes(defaultPort) ? defaultPort : (numbers[0] ?? defaultPort);
  return `${registryService}.${registryNamespace}.svc:${port}`;
}

export interface RegistryRoute {
  readonly name: string;
  readonly host: string;
}
