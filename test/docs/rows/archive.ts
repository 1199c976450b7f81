import { type ArgumentRows, codeOf, row } from "../../support/documented/argumentRow.js";
import { type ArchiveScene, imagesOf } from "../../support/worlds/arguments/archive.js";
import { fileRows } from "./archiveFile.js";
import { engineRows, integratedRows, registryRows } from "./archiveSources.js";

/** Every argument of an ImageArchive, by its path. */
export function archiveRows(scene: () => ArchiveScene): ArgumentRows {
  return {
    ...fileRows(scene),
    ...imageRows(scene),
    ...engineRows(scene),
    ...registryRows(scene),
    ...integratedRows(scene),
  };
}

function imageRows(scene: () => ArchiveScene): ArgumentRows {
  const up = (more: object) => scene().up(more);
  const names = async (more: object) => imagesOf(await up(more)).flatMap((image) => image.names);
  const multi = () => `${scene().host()}/acme/multi:v1`;
  const platforms = async (args: object) => imagesOf(await up(args)).flatMap((image) => image.platforms);
  const both = ["linux/amd64", "linux/arm64"];
  const stream = { images: [{ stream: "shop/app:v1" }] };
  const namedAs = (image: string) => image.replace(scene().host(), "HOST");
  const shown = async (more: object) => (await names(more)).map(namedAs);
  return {
    images: row(
      () => ({ images: [scene().image(), scene().image(":v2")] }),
      ["HOST/acme/web:v1"],
      ["HOST/acme/web:v1", "HOST/acme/web:v2"],
      shown,
    ),
    connection: row(
      () => ({ connection: { ...scene().connection, token: scene().sandbox.users[0]?.token } }),
      "ok",
      "API_FORBIDDEN",
      async (more) => codeOf(await up({ ...stream, ...more })),
    ),
    tag: row({ tag: "v2" }, ["HOST/acme/web:latest"], ["HOST/acme/web:v2"], (more) =>
      shown({ images: [scene().image("")], ...more }),
    ),
    platforms: row({ platforms: ["linux/arm64"] }, both, ["linux/arm64"], (more) =>
      platforms({ images: [multi()], ...more }),
    ),
    "images[].registry": row(
      () => ({ images: [{ registry: scene().image(":v2") }] }),
      ["HOST/acme/web:v1"],
      ["HOST/acme/web:v2"],
      shown,
    ),
    "images[].engine": row(
      { images: [{ engine: "local/app:v1" }] },
      ["HOST/acme/web:v1"],
      ["local/app:v1"],
      shown,
    ),
    "images[].stream": row(
      { images: [{ stream: "shop/app" }] },
      ["HOST/acme/web:v1"],
      ["shop/app:v1", "shop/app:v2"],
      shown,
    ),
    "images[].platforms": row(
      () => ({ images: [{ registry: multi(), platforms: ["linux/arm64"] }] }),
      both,
      ["linux/arm64"],
      (more) => platforms({ images: [multi()], ...more }),
    ),
    "images[].as": row(
      () => ({ images: [{ registry: scene().image(), as: "shop/renamed:v9" }] }),
      ["HOST/acme/web:v1"],
      ["shop/renamed:v9"],
      shown,
    ),
  };
}
