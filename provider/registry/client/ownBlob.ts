import { dropBody } from "./redirects.js";
import { pullRefusal } from "./refusal.js";
import type { RepositorySession } from "./session.js";

/**
 * Whether the integrated registry has a blob itself, and does not only pass it on from where the image was imported. Where it
 * does not, asking makes it fetch and store the blob (facts/registries.md 24).
 * @throws ImageError REGISTRY_NOT_FOUND: neither has it; REGISTRY_*
 */
export async function isOwnBlob(
  session: RepositorySession,
  digest: string,
  signal: AbortSignal,
): Promise<boolean> {
  const { source } = session;
  const attempted = `ask for blob ${digest} of ${source.host}/${source.repository}`;
  const answer = await session.send({ method: "HEAD", path: `blobs/${digest}`, attempted, signal });
  if (answer.kind === "refused") throw pullRefusal(session, answer, attempted);
  const { response, url } = answer;
  dropBody(response);
  const isFromStorage = url.host !== new URL(`${url.protocol}//${source.apiHost}`).host;
  return isFromStorage || /max-age/.test(String(response.headers["cache-control"] ?? ""));
}
