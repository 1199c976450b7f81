import { type HttpAnswer, type HttpRequest, jsonAnswer } from "../http/exchange.js";
import { registryError } from "./errors.js";
import type { RegistryStore } from "./store.js";

export function answerTags(store: RegistryStore, repository: string, request: HttpRequest): HttpAnswer {
  if (!store.hasRepository(repository)) return registryError("NAME_UNKNOWN", { name: repository });
  const { page, headers } = pageOf(store.tags(repository), request);
  return jsonAnswer(200, { name: repository, tags: page }, headers);
}

export function answerCatalog(store: RegistryStore, request: HttpRequest): HttpAnswer {
  const { page, headers } = pageOf(store.repositories(), request);
  return jsonAnswer(200, { repositories: page }, headers);
}

function pageOf(
  names: readonly string[],
  request: HttpRequest,
): { readonly page: readonly string[]; readonly headers: Readonly<Record<string, string>> } {
  const last = request.query.get("last");
  const rest = last === null ? names : names.filter((name) => name > last);
  const size = Number(request.query.get("n") ?? 0);
  const page = size > 0 ? rest.slice(0, size) : rest;
  const end = page.at(-1);
  if (end === undefined || page.length === rest.length) return { page, headers: {} };
  const next = `${request.path}?${new URLSearchParams({ last: end, n: String(size) }).toString()}`;
  return { page, headers: { link: `<${next}>; rel="next"` } };
}
