import type { CredentialSource } from "../../http/credentials.js";
import type { Machine } from "../../http/machine.js";
import { ambientPlaces, type FoundConnection } from "./ambient.js";
import { checkFields } from "./explicit.js";
import { connectionOf, isSameServer, namesCluster, type ConnectionPlace } from "./named.js";

/** Credentials for `server` in the places after the one that decides, best first. */
export function otherCredentials(
  server: string,
  later: readonly ConnectionPlace[],
  machine: Machine,
): readonly CredentialSource[] {
  const named = later.map((read, index) => (): FoundConnection | undefined => {
    const fields = read();
    checkFields(fields, machine);
    return namesCluster(fields) ? connectionOf(fields, later.slice(index + 1), machine) : undefined;
  });
  const ambient = ambientPlaces.map((look) => () => look(machine));
  return [...named, ...ambient].flatMap((look) => {
    const found = quietly(look);
    return found !== undefined && isSameServer(server, found.endpoint.server) ? found.credentials : [];
  });
}

/** A place that nobody chose may be broken without a failure. */
function quietly<Found>(look: () => Found): Found | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
