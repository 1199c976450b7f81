import { Agent, request } from "undici";
import { manifestTypes } from "../pull/client.js";
import type { Platform } from "./publish.js";
import { digestOf } from "./store.js";

export interface PullSource {
  /** `https://127.0.0.1:port` */
  readonly url: string;
  /** PEM; for https. */
  readonly certificateAuthority?: string;
  /** Sent as the password of Basic, as a container runtime does; absent: nobody. */
  readonly token?: string;
}

/** `at` is the path that failed; status 0: the content is not what its digest says. */
export type PullResult =
  { readonly ok: true } | { readonly ok: false; readonly at: string; readonly status: number };

interface Descriptor {
  readonly digest: string;
  readonly platform?: Platform;
}

interface PulledManifest {
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
  readonly manifests?: readonly Descriptor[];
}

class PullFailure extends Error {
  readonly at: string;
  readonly status: number;

  constructor(at: string, status: number) {
    super(`${at}: ${status}`);
    this.at = at;
    this.status = status;
  }
}

type Choice = (children: readonly Descriptor[]) => readonly Descriptor[];

/** Pulls as a container runtime on linux/amd64 does: of an index the child for it, or the first one. */
export function pullImage(source: PullSource, repository: string, reference: string): Promise<PullResult> {
  return pull(source, repository, reference, (children) => {
    const isFitting = ({ platform }: Descriptor): boolean =>
      platform?.os === "linux" && platform.architecture === "amd64";
    return [children.find(isFitting) ?? children[0]].filter((child) => child !== undefined);
  });
}

/** Pulls every child of an index, however deep. */
export function pullAll(source: PullSource, repository: string, reference: string): Promise<PullResult> {
  return pull(source, repository, reference, (children) => children);
}

async function pull(
  source: PullSource,
  repository: string,
  reference: string,
  choose: Choice,
): Promise<PullResult> {
  const reader = openReader(source, repository);
  const readImage = async (id: string): Promise<void> => {
    const content = await reader.read(`manifests/${id}`, id.includes(":") ? id : undefined);
    const { config, layers = [], manifests = [] } = JSON.parse(content.toString("utf8")) as PulledManifest;
    for (const child of choose(manifests)) await readImage(child.digest);
    for (const { digest } of [...(config === undefined ? [] : [config]), ...layers])
      await reader.read(`blobs/${digest}`, digest);
  };
  try {
    await readImage(reference);
    return { ok: true };
  } catch (error) {
    if (error instanceof PullFailure) return { ok: false, at: error.at, status: error.status };
    throw error;
  } finally {
    await reader.close();
  }
}

interface RepositoryReader {
  /** Throws a PullFailure for anything but the content of that digest, if one is given. */
  read(path: string, digest: string | undefined): Promise<Buffer>;
  close(): Promise<void>;
}

function openReader(
  { url, certificateAuthority: ca, token }: PullSource,
  repository: string,
): RepositoryReader {
  const dispatcher = new Agent({ connect: ca === undefined ? {} : { ca } });
  const basic = Buffer.from(`puller:${token ?? ""}`).toString("base64");
  const headers = {
    accept: manifestTypes.join(", "),
    ...(token === undefined ? {} : { authorization: `Basic ${basic}` }),
  };
  return {
    read: async (path, digest) => {
      const at = `/v2/${repository}/${path}`;
      const answer = await request(`${url}${at}`, { dispatcher, headers });
      const body = Buffer.from(await answer.body.arrayBuffer());
      if (answer.statusCode !== 200) throw new PullFailure(at, answer.statusCode);
      if (digest !== undefined && digestOf(body) !== digest) throw new PullFailure(at, 0);
      return body;
    },
    close: () => dispatcher.close(),
  };
}
