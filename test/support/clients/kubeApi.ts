import type { Image, ImageStream, KubeObject, Status, TagReference } from "okd-image-sandbox";
import type { ImageRow, RepositoryRow } from "okd-image-sandbox/internal/imports/types";
import { Agent, request } from "undici";

export interface StreamTagBody extends KubeObject {
  readonly tag: TagReference | null;
  readonly generation: number;
  readonly image: Image;
}

export interface ImportBody extends KubeObject {
  readonly status: {
    readonly import: ImageStream;
    readonly images: readonly ImageRow[];
    readonly repository: RepositoryRow;
  };
}

export interface ListBody {
  readonly kind: string;
  readonly metadata: {
    readonly resourceVersion?: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly items: readonly KubeObject[];
}

/** An answer; its body is read as what the row expects it to be. */
export class ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;

  constructor(status: number, headers: ApiAnswer["headers"], text: string) {
    this.status = status;
    this.headers = headers;
    this.text = text;
  }

  get json(): unknown {
    return JSON.parse(this.text) as unknown;
  }

  get object(): KubeObject {
    return this.json as KubeObject;
  }

  get stream(): ImageStream {
    return this.json as ImageStream;
  }

  get streamTag(): StreamTagBody {
    return this.json as StreamTagBody;
  }

  get imported(): ImportBody {
    return this.json as ImportBody;
  }

  get list(): ListBody {
    return this.json as ListBody;
  }

  get failure(): Status {
    return this.json as Status;
  }
}

export interface KubeApi {
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<ApiAnswer>;
  post(path: string, body: unknown): Promise<ApiAnswer>;
  put(path: string, body: unknown): Promise<ApiAnswer>;
  patch(path: string, type: "merge" | "json" | "strategic" | "apply", body: unknown): Promise<ApiAnswer>;
  delete(path: string, options?: unknown): Promise<ApiAnswer>;
  close(): Promise<void>;
}

export interface ApiAccess {
  readonly server: string;
  readonly certificateAuthority?: string | undefined;
  readonly token?: string | undefined;
  readonly clientCertificate?: { readonly certificate: string; readonly key: string } | undefined;
}

const patchTypes = {
  merge: "application/merge-patch+json",
  json: "application/json-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
};

/** Raw requests, with nothing of the provider in between. */
export function openKubeApi(access: ApiAccess): KubeApi {
  const { certificateAuthority: ca, clientCertificate } = access;
  const client =
    clientCertificate === undefined
      ? {}
      : { cert: clientCertificate.certificate, key: clientCertificate.key };
  const dispatcher = new Agent({ connect: { ...(ca === undefined ? {} : { ca }), ...client } });
  const send = async (
    method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<ApiAnswer> => {
    const answer = await request(`${access.server}${path}`, {
      method,
      dispatcher,
      headers: {
        accept: "application/json",
        "user-agent": "contract-suite/1.0",
        "content-type": "application/json",
        ...(access.token === undefined ? {} : { authorization: `Bearer ${access.token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    return new ApiAnswer(answer.statusCode, answer.headers, text);
  };
  return {
    get: (path, headers) => send("GET", path, undefined, headers),
    post: (path, body) => send("POST", path, body),
    put: (path, body) => send("PUT", path, body),
    patch: (path, type, body) => send("PATCH", path, body, { "content-type": patchTypes[type] }),
    delete: (path, options) => send("DELETE", path, options),
    close: () => dispatcher.close(),
  };
}
