import type { RequestOptions } from "../../okd/requestOptions.js";
import type { StreamKey } from "../../okd/streamName.js";
import type { Cluster } from "../ports.js";

/** Images of streams, as the API server describes them: Image objects as it wrote them. */
export interface StreamImages {
  /** By a whole digest or the beginning of one; `undefined` only on a proven 404. */
  byDigest(key: StreamKey, id: string, options: RequestOptions): Promise<unknown>;
  /** What the tag serves; `undefined` only on a proven 404. */
  byTag(key: StreamKey, tag: string, options: RequestOptions): Promise<unknown>;
}

/** One cluster, as a program that asks sees it. */
export interface LookupCluster extends Pick<Cluster, "streams" | "diagnosis" | "defaultNamespace"> {
  readonly images: StreamImages;
}
