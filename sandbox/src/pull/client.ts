import { type ImageReference, networkHost, repositoryPath } from "../images/reference.js";
import { RegistryFailure } from "./failure.js";
import type { Network, NetworkResponse } from "./network.js";
import type { Credentials } from "./secrets.js";

export const manifestTypes = [
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.oci.image.index.v1+json",
];

interface Connection {
  readonly base: string;
  readonly authorization: string | undefined;
}

interface PingAnswer {
  readonly base: string;
  /** Of a registry that asks for credentials. */
  readonly challenge: string | undefined;
}

interface TokenBody {
  readonly token?: string;
  readonly access_token?: string;
}

/** Reads one repository of a registry: finds the scheme by a ping, answers its challenge, asks for what is wanted. */
export class RegistryClient {
  #connection: Promise<Connection> | undefined;

  readonly #network: Network;
  readonly #repository: ImageReference;
  readonly #insecure: boolean;
  readonly #credentials: Credentials | undefined;
  readonly #signal: AbortSignal;

  constructor(
    network: Network,
    repository: ImageReference,
    insecure: boolean,
    credentials: Credentials | undefined,
    signal: AbortSignal,
  ) {
    this.#network = network;
    this.#repository = repository;
    this.#insecure = insecure;
    this.#credentials = credentials;
    this.#signal = signal;
  }

  manifest(tagOrDigest: string): Promise<NetworkResponse> {
    return this.#read(`manifests/${tagOrDigest}`, { accept: manifestTypes.join(", ") });
  }

  blob(digest: string): Promise<NetworkResponse> {
    return this.#read(`blobs/${digest}`, {});
  }

  async tags(): Promise<readonly string[]> {
    const tags: string[] = [];
    for (let path: string | undefined = "tags/list"; path !== undefined;) {
      const response = await this.#read(path, {});
      const body = JSON.parse(response.body.toString("utf8")) as { readonly tags?: readonly string[] | null };
      tags.push(...(body.tags ?? []));
      const next: string | undefined = /<([^<>]+)> ?; ?rel="?next/.exec(
        String(response.headers.link ?? ""),
      )?.[1];
      path = next?.slice(next.indexOf("tags/list"));
    }
    return tags;
  }

  /** Finds the scheme and answers the challenge, once, whatever the result. */
  connect(): Promise<Connection> {
    this.#connection ??= this.#open();
    return this.#connection;
  }

  async #read(path: string, headers: Readonly<Record<string, string>>): Promise<NetworkResponse> {
    const { base, authorization } = await this.connect();
    const url = `${base}/v2/${repositoryPath(this.#repository)}/${path}`;
    const response = await this.#get(
      url,
      authorization === undefined ? headers : { ...headers, authorization },
    );
    if (response.status === 307 || response.status === 302) {
      // Storage behind a redirect must not see the registry's token.
      return this.#get(new URL(response.headers.location ?? "", url).href, {});
    }
    if (response.status !== 200) throw failureOf(response);
    return response;
  }

  async #open(): Promise<Connection> {
    const { base, challenge } = await this.#ping();
    return { base, authorization: challenge === undefined ? undefined : await this.#authorize(challenge) };
  }

  /** HTTPS first; plain HTTP only for an insecure import, whose error is then the one that is reported. */
  async #ping(): Promise<PingAnswer> {
    const host = networkHost(this.#repository);
    if (!this.#insecure) return this.#pingAt(`https://${host}`);
    try {
      return await this.#pingAt(`https://${host}`);
    } catch {
      this.#signal.throwIfAborted();
      return this.#pingAt(`http://${host}`);
    }
  }

  async #pingAt(base: string): Promise<PingAnswer> {
    const response = await this.#get(`${base}/v2/`, {});
    if (response.status === 401) return { base, challenge: response.headers["www-authenticate"] ?? "" };
    if (response.status !== 200) throw failureOf(response);
    return { base, challenge: undefined };
  }

  async #authorize(challenge: string): Promise<string | undefined> {
    const basic = this.#credentials === undefined ? undefined : basicAuthorization(this.#credentials);
    if (!/^bearer /i.test(challenge)) return basic;
    const parameter = (name: string): string => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1] ?? "";
    const url = new URL(parameter("realm"));
    url.searchParams.set("service", parameter("service"));
    url.searchParams.set("scope", `repository:${repositoryPath(this.#repository)}:pull`);
    const response = await this.#get(url.href, basic === undefined ? {} : { authorization: basic });
    if (response.status !== 200) throw failureOf(response);
    const body = JSON.parse(response.body.toString("utf8")) as TokenBody;
    return `Bearer ${body.token ?? body.access_token ?? ""}`;
  }

  #get(url: string, headers: Readonly<Record<string, string>>): Promise<NetworkResponse> {
    return this.#network.send({
      method: "GET",
      url,
      headers,
      skipVerification: this.#insecure,
      signal: this.#signal,
    });
  }
}

function basicAuthorization({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

interface RegistryErrors {
  readonly errors?: readonly { readonly code?: string; readonly message?: string }[];
}

function failureOf(response: NetworkResponse): RegistryFailure {
  if (response.status === 401)
    return new RegistryFailure("unauthorized", "unauthorized: authentication required");
  if (response.status === 404) return new RegistryFailure("notFound", "not found");
  let errors: RegistryErrors["errors"];
  try {
    errors = (JSON.parse(response.body.toString("utf8")) as RegistryErrors).errors;
  } catch {
    errors = undefined;
  }
  const [first] = errors ?? [];
  if (first === undefined)
    return new RegistryFailure("other", `received unexpected HTTP status: ${response.status}`);
  const code = (first.code ?? "unknown").toLowerCase().replaceAll("_", " ");
  return new RegistryFailure("other", `${code}: ${first.message ?? ""}`);
}
