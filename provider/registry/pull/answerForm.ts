import type { RegistryAnswer } from "../registryAnswer.js";

/**
 * Why an answer may well be something else than what a registry keeps, a sentence; undefined where nothing says so. Only a
 * hint: there is storage that calls its blobs compressed and sends them as they are.
 */
export function describeForm(headers: RegistryAnswer["headers"]): string | undefined {
  const encoding = String(headers["content-encoding"] ?? "identity").trim();
  if (encoding.toLowerCase() !== "identity") {
    return `It came compressed on the way (Content-Encoding: ${encoding.slice(0, 30)}), which was not asked for: what does that, a proxy?`;
  }
  if (/\bhtml\b/i.test(String(headers["content-type"]))) {
    return "It came as an HTML page: from a proxy or a login page, and not from the registry?";
  }
  return undefined;
}
