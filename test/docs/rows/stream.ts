import { importedImageStream } from "../../../provider/hooks.js";
import type { ImageStream } from "../../../provider/okd/imageStream.js";
import {
  type Applied,
  apply,
  applyAgain,
  type ArgumentRows,
  codeOf,
  row,
} from "../../support/documented/argumentRow.js";
import { pullSecretRows } from "./pullSecret.js";
import { internalHost, source, type StreamScene } from "../../support/worlds/arguments/stream.js";
import { mirrorRows } from "./streamMirror.js";

const tagOf = (stream: ImageStream | undefined) => stream?.spec.tags?.find(({ name }) => name === "v1");
const resolvedOf = ({ outputs }: Applied) =>
  (outputs.resolved ?? {}) as Readonly<
    Record<string, { readonly digest?: string; readonly pullSpec?: string }>
  >;

/** Every argument of an ImportedImageStream, by its path. */
export function streamRows(scene: () => StreamScene): ArgumentRows {
  const made = (more: object) => scene().made(more);
  const up = (more: object) => scene().up(more);
  const multi = (more: object) => ({ tags: { v1: "quay.io/acme/multi:v1" }, ...more });
  /** The source's own digest, or that of a part. */
  const isIndex = async (args: object) => {
    return resolvedOf(await up(args)).v1?.digest === scene().index ? "the index" : "one image";
  };
  /** The stream whose image v1 is, where a stream `given` has one. */
  const sourceStreamOf = async (more: object) => {
    const { outputs } = await scene().up({ tags: { old: source } }, "given");
    const digest = resolvedOf({ outputs } as Applied).old?.digest ?? "";
    const args = JSON.parse(JSON.stringify(more).replaceAll("DIGEST", digest)) as object;
    return tagOf(await made(args))?.from?.name.split("@")[0];
  };
  const registryOf = async (more: object) => resolvedOf(await up(more)).v1?.pullSpec?.split("/")[0];
  const overForeignTag = async (more: object) => {
    const name = scene().newName();
    scene().sandbox.seed(streamWith(name, "v1"));
    return codeOf(await scene().up(more, name));
  };
  const afterMove = async (more: object) => {
    const registry = scene().sandbox.registry();
    const repository = `acme/${scene().newName()}`;
    registry.publishImage(repository, "v1", { content: "old" });
    const args = scene().args(scene().newName(), { tags: { v1: `quay.io/${repository}:v1` }, ...more });
    const { pulumi } = await apply(importedImageStream, repository, args);
    registry.publishImage(repository, "v1", { content: "new" });
    return (await applyAgain(pulumi, args)).step;
  };
  const afterDestroy = async (more: object) => {
    const name = scene().newName();
    const { pulumi } = await scene().up(more, name);
    await pulumi.destroy();
    return scene().stored(name) === undefined ? "gone" : "there";
  };
  const tagInUse = async (more: object) => {
    const name = scene().newName();
    const two = { tags: { v1: source, v2: "quay.io/acme/web:v2" } };
    const { pulumi } = await scene().up({ ...two, ...more }, name);
    scene().sandbox.seed(podWith(name, `${internalHost}/shop/${name}:v2`));
    return codeOf(await applyAgain(pulumi, scene().args(name, more)));
  };
  const secondUp = (change: object) => async (more: object) => {
    const name = scene().newName();
    const { pulumi } = await scene().up({}, name);
    const before = scene().imports();
    await applyAgain(pulumi, scene().args(name, { ...change, ...more }));
    return scene().imports() > before ? "imports again" : "quiet";
  };
  /** With requests of this kind slower than the time limit. */
  const whileSlow =
    (method: string, path: string, verb: "up" | "update" | "destroy") => async (more: object) => {
      const name = scene().newName();
      const { pulumi } = verb === "up" ? { pulumi: undefined } : await scene().up(more, name);
      const id = scene().sandbox.faults.add({
        method,
        path,
        times: 0,
        effect: { kind: "delay", milliseconds: 900 },
      });
      try {
        if (pulumi === undefined) return codeOf(await scene().up(more, name));
        if (verb === "update")
          return codeOf(await applyAgain(pulumi, scene().args(name, { ...more, triggers: [1] })));
        return await pulumi.destroy().then(
          () => "ok",
          (error: unknown) => codeOf({ failure: (error as Error).message }),
        );
      } finally {
        scene().sandbox.faults.remove(id);
      }
    };
  const policyOfTag = (argument: object) => ({ tags: { v1: { image: source, ...argument } } });

  return {
    ...pullSecretRows(scene),
    connection: row(
      () => ({ connection: { ...scene().connection, host: scene().sandbox.httpUrl } }),
      /^https:/,
      /^http:/,
      async (more) => ((await up(more)).outputs.cluster as { readonly server?: string }).server,
    ),
    namespace: row(
      { namespace: "other" },
      "shop",
      "other",
      async (more) => (await up(more)).outputs.namespace,
    ),
    name: row({ name: "its-own" }, /^stream-/, "its-own", async (more) => (await up(more)).outputs.name),
    source: row({ source: "quay.io/acme/web:v2" }, ["v1"], ["v1", "v2"], async (more) =>
      Object.keys(resolvedOf(await up(more))),
    ),
    tags: row({ tags: { stable: source } }, ["v1"], ["stable"], async (more) =>
      (await made(more))?.spec.tags?.map(({ name }) => name),
    ),
    scheduled: row(
      { scheduled: true },
      undefined,
      true,
      async (more) => tagOf(await made(more))?.importPolicy?.scheduled,
    ),
    insecure: row(
      { insecure: true },
      undefined,
      true,
      async (more) => tagOf(await made(more))?.importPolicy?.insecure,
    ),
    importMode: row({ importMode: "PreserveOriginal" }, "one image", "the index", (more) =>
      isIndex(multi(more)),
    ),
    referencePolicy: row({ referencePolicy: "Local" }, "quay.io", internalHost, registryOf),
    labels: row(
      { labels: { team: "web" } },
      undefined,
      "web",
      async (more) => (await made(more))?.metadata.labels?.team,
    ),
    annotations: row(
      { annotations: { owner: "web" } },
      undefined,
      "web",
      async (more) => (await made(more))?.metadata.annotations?.owner,
    ),
    insecureRepository: row(
      { insecureRepository: true },
      undefined,
      "true",
      async (more) => (await made(more))?.metadata.annotations?.["openshift.io/image.insecureRepository"],
    ),
    sourceRepository: row(
      { sourceRepository: "quay.io/acme/other" },
      undefined,
      "quay.io/acme/other",
      async (more) => (await made(more))?.spec.dockerImageRepository,
    ),
    reimport: row({ reimport: ["theirs"] }, "not imported", "imported again", async (more) => {
      const name = scene().newName();
      scene().sandbox.seed(streamWith(name, "theirs"));
      await scene().up(more, name);
      const theirs = scene()
        .stored(name)
        ?.status?.tags?.find(({ tag }) => tag === "theirs");
      return theirs?.items?.length === 1 ? "imported again" : "not imported";
    }),
    lookupLocal: row(
      { lookupLocal: true },
      false,
      true,
      async (more) => (await made(more))?.spec.lookupPolicy?.local,
    ),
    trackUpstream: row({ trackUpstream: "follow" }, "same", "update", afterMove),
    adopt: row({ adopt: true }, "TAG_NOT_OWNED", "ok", overForeignTag),
    onDestroy: row({ onDestroy: "keep" }, "gone", "there", afterDestroy),
    ...mirrorRows(scene),
    deleteInUse: row({ deleteInUse: true }, "STREAM_IN_USE", "ok", tagInUse),
    triggers: row({ triggers: ["again"] }, "quiet", "imports again", secondUp({})),
    "timeouts.check": row(
      { timeouts: { check: 0.2 } },
      "ok",
      "DEADLINE_EXCEEDED",
      whileSlow("POST", "/imagestreamimports", "up"),
    ),
    "timeouts.create": row(
      { timeouts: { create: 0.2 } },
      "ok",
      "DEADLINE_EXCEEDED",
      whileSlow("POST", "/imagestreamimports", "up"),
    ),
    "timeouts.update": row(
      { timeouts: { update: 0.2 } },
      "ok",
      "DEADLINE_EXCEEDED",
      whileSlow("POST", "/imagestreamimports", "update"),
    ),
    "timeouts.delete": row(
      { timeouts: { delete: 0.2 } },
      "ok",
      "DEADLINE_EXCEEDED",
      whileSlow("DELETE", "/imagestream", "destroy"),
    ),
    "tags.*.image": row(
      { tags: { v1: { image: "quay.io/acme/web:v2" } } },
      source,
      "quay.io/acme/web:v2",
      async (more) => tagOf(await made(more))?.from?.name,
    ),
    "tags.*.reference": row(
      policyOfTag({ reference: true }),
      undefined,
      true,
      async (more) => tagOf(await made(more))?.reference,
    ),
    "tags.*.alias": row(
      { tags: { old: source, v1: { alias: "old" } } },
      source,
      "old",
      async (more) => tagOf(await made(more))?.from?.name,
    ),
    "tags.*.imageStreamTag": row(
      { tags: { v1: { imageStreamTag: "given:old" } } },
      source,
      "given",
      sourceStreamOf,
    ),
    "tags.*.imageStreamImage": row(
      { tags: { v1: { imageStreamImage: "given@DIGEST" } } },
      source,
      "given",
      sourceStreamOf,
    ),
    "tags.*.scheduled": row(
      policyOfTag({ scheduled: true }),
      undefined,
      true,
      async (more) => tagOf(await made(more))?.importPolicy?.scheduled,
    ),
    "tags.*.insecure": row(
      policyOfTag({ insecure: true }),
      undefined,
      true,
      async (more) => tagOf(await made(more))?.importPolicy?.insecure,
    ),
    "tags.*.importMode": row(
      { tags: { v1: { image: "quay.io/acme/multi:v1", importMode: "PreserveOriginal" } } },
      "one image",
      "the index",
      (more) => isIndex(multi(more)),
    ),
    "tags.*.referencePolicy": row(
      policyOfTag({ referencePolicy: "Local" }),
      "quay.io",
      internalHost,
      registryOf,
    ),
    "tags.*.annotations": row(
      policyOfTag({ annotations: { note: "x" } }),
      undefined,
      "x",
      async (more) => tagOf(await made(more))?.annotations?.note,
    ),
  };
}

function podWith(name: string, image: string) {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "shop" },
    spec: { containers: [{ name: "main", image }] },
    status: { phase: "Running" },
  };
}

function streamWith(name: string, tag: string) {
  return {
    apiVersion: "image.openshift.io/v1",
    kind: "ImageStream",
    metadata: { name, namespace: "shop" },
    spec: { tags: [{ name: tag, from: { kind: "DockerImage", name: "quay.io/acme/web:v2" } }] },
  };
}
