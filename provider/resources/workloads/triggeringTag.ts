import * as pulumi from "@pulumi/pulumi";
import type { StreamTag } from "../args/imageArchive.js";

/** A tag that triggers, as programs write it. */
export type TriggeringTag = string | StreamTag;

/** As Kubernetes writes it; without a namespace it is the workload's own. */
export interface TagReference {
  readonly kind: "ImageStreamTag";
  readonly name: string;
  readonly namespace?: string;
}

const written = /^(?:([a-z0-9][-a-z0-9]*)\/)?([a-z0-9]+(?:[._-][a-z0-9]+)*):(\w[\w.-]{0,127})$/;

/** `label` begins the message. @throws RunError */
export function tagReference(label: string, tag: TriggeringTag, namespace: string | undefined): TagReference {
  const own = typeof tag === "string" ? readTag(label, tag) : tag;
  const name = `${own.name}:${own.tag}`;
  if (own.namespace !== undefined && namespace !== undefined && own.namespace !== namespace) {
    throw new pulumi.RunError(
      `${label}: namespace is ${namespace}, but the tag ${name} is one of namespace ${own.namespace}`,
    );
  }
  const chosen = own.namespace ?? namespace;
  return { kind: "ImageStreamTag", name, ...(chosen === undefined ? {} : { namespace: chosen }) };
}

function readTag(label: string, text: string): Partial<StreamTag> & Pick<StreamTag, "name" | "tag"> {
  const [, namespace, name, tag] = written.exec(text) ?? [];
  if (name === undefined || tag === undefined) {
    throw new pulumi.RunError(
      `${label}: ${JSON.stringify(text)} is not a tag of an image stream, like "web:v1" or "shop/web:v1"`,
    );
  }
  return { name, tag, ...(namespace === undefined ? {} : { namespace }) };
}
