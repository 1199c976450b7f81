import type { Connector } from "../lifecycle/session.js";
import { schemaIssues } from "../support/parsed.js";
import type { ConnectedCluster, Connect, ConnectionEvents } from "./connect.js";
import type { ConnectionInputs } from "./connectionArgs.js";
import type { ConnectionRequest } from "./connectionSources.js";

/** Opens clusters as their `connection` says; `otherIdentities` as in a `ConnectionRequest`. */
export interface ClusterConnector extends Pick<Connector<ConnectedCluster>, "issues"> {
  open(
    ...request: [...Parameters<Connector<ConnectedCluster>["open"]>, ConnectionRequest["otherIdentities"]?]
  ): Promise<ConnectedCluster>;
}

/**
 * The common `connection` argument on its way to a cluster, with clients that all resources of a process share.
 * Everything heavy is loaded at the first use.
 */
export function createClusterConnector(events?: ConnectionEvents): ClusterConnector {
  let connect: Promise<Connect> | undefined;

  async function load(): Promise<Connect> {
    const { createConnector } = await import("./connect.js");
    const { processEnvironment } = await import("./sources/environment.js");
    return createConnector(processEnvironment, events);
  }

  return {
    async issues(connection) {
      if (connection === undefined) return [];
      const { connectionSchema } = await import("./connectionArgs.js");
      const parsed = connectionSchema.safeParse(connection);
      if (parsed.success) return [];
      return parsed.error.issues.flatMap((issue) =>
        schemaIssues(issue, {
          schema: connectionSchema,
          inputs: connection,
          unknownKey: "is not a setting of a connection",
        }),
      );
    },

    async open(connection, config, signal, otherIdentities = "never") {
      connect ??= load();
      const inputs = connection as ConnectionInputs | undefined;
      return (await connect)({ inputs, config, otherIdentities }, { signal });
    },
  };
}
