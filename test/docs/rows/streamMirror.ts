import { type ArgumentRows, codeOf, row } from "../../support/documented/argumentRow.js";
import { createAuthority } from "../../support/servers/certificates.js";
import { source, type StreamScene } from "../../support/worlds/arguments/stream.js";

/** The arguments about copies in the integrated registry. */
export function mirrorRows(scene: () => StreamScene): ArgumentRows {
  const local = { image: source, referencePolicy: "Local" };
  let images = 0;
  /** Whether the integrated registry has an image that nothing else has pulled. */
  const copied = async ({ tags = { v1: local }, ...more }: { readonly tags?: object }) => {
    const { sandbox } = scene();
    const repository = `acme/mirrored-${(images += 1)}`;
    const { digest } = sandbox.registry().publishImage(repository, "v1", { content: repository });
    const args = JSON.parse(
      JSON.stringify({ tags, ...more }).replaceAll("quay.io/acme/web", `quay.io/${repository}`),
    ) as object;
    await scene().up(args);
    return sandbox.integratedRegistry.blobs().has(digest) ? "copied" : "not there";
  };
  const code =
    (base: () => Promise<object> = () => Promise.resolve({})) =>
    async ({ integratedRegistry = {} }: { readonly integratedRegistry?: object }) => {
      const settings = { ...(await base()), ...integratedRegistry };
      const given = Object.keys(settings).length === 0 ? {} : { integratedRegistry: settings };
      return codeOf(await scene().up({ tags: { v1: { ...local, mirror: true } }, ...given }));
    };
  const nowhere = { integratedRegistry: { url: "https://127.0.0.1:9" } };
  const other = async () => ({ caCert: (await createAuthority("other")).cert });
  return {
    mirror: row({ mirror: true }, "not there", "copied", copied),
    "tags.*.mirror": row({ tags: { v1: { ...local, mirror: true } } }, "not there", "copied", copied),
    "repository.mirror": row(
      {
        tags: { stable: local },
        repository: { image: "quay.io/acme/web", referencePolicy: "Local", mirror: true },
      },
      "not there",
      "copied",
      copied,
    ),
    integratedRegistry: row(nowhere, "ok", "REGISTRY_UNREACHABLE", code()),
    "integratedRegistry.url": row(nowhere, "ok", "REGISTRY_UNREACHABLE", code()),
    "integratedRegistry.caCert": row(
      async () => ({ integratedRegistry: await other() }),
      "ok",
      "REGISTRY_TLS",
      code(),
    ),
    "integratedRegistry.skipTlsVerify": row(
      { integratedRegistry: { skipTlsVerify: true } },
      "REGISTRY_TLS",
      "ok",
      code(other),
    ),
  };
}
