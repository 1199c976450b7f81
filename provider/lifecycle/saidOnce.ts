import type { ResourceLog } from "./handler.js";

/**
 * Logs that keep a line once: a replacement is checked twice, and a check and a diff may find the same. Each phase of the CLI
 * has a process of its own, so that a preview and its update both speak.
 */
export function saidOnce(logFor: (urn: string) => ResourceLog): (urn: string) => ResourceLog {
  const said = new Set<string>();

  function once(kind: string, urn: string, say: (message: string) => void): (message: string) => void {
    return (message) => {
      const key = JSON.stringify([kind, urn, message]);
      if (said.has(key)) return;
      said.add(key);
      say(message);
    };
  }

  return (urn) => {
    const { progress, info, warn } = logFor(urn);
    return { progress, info: once("info", urn, info), warn: once("warn", urn, warn) };
  };
}
