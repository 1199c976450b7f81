import type { Connector } from "../lifecycle/session.js";
import { schemaIssues } from "../support/parsed.js";
import type { ConnectedCluster, Connect } from "./connect.js";
import type { ConnectionInputs } from "./connectionArgs.js";

/**
 * The common `connection` argument on its way to a cluster, with clients that all resources of a process share.
 * Everything heavy is loaded at the first use.
 */
export function createClusterConnector(onSecret?: (secret: string) => void): Connector<ConnectedCluster> {
  let connect: Promise<Connect> | undefined;

  async function load(): Promise<Connect> {
    const { createConnector } = await import("./connect.js");
    const { processEnvironment } = await import("./sources/environment.js");
    return createConnector(processEnvironment, onSecret);
  }

  return {
    async issues(connection) {
      if (connection === undefined) return [];
      const { connectionSchema } = await import("./connectionArgs.js");
      const parsed = connectionSchema.safeParse(connection);
      if (parsed.success) return [];
      return parsed.error.issues.flatMap((issue) => schemaIssues(issue, "is not a setting of a connection"));
    },

    async open(connection, config, signal) {
      connect ??= load();
      return (await connect)({ inputs: connection as ConnectionInputs | undefined, config }, { signal });
    },
  };
}
