import { applyAgain, type ArgumentRows, codeOf, row } from "../../support/documented/argumentRow.js";
import { internalHost, type StreamScene } from "../../support/worlds/arguments/stream.js";

/** Every argument of `repository`, by its path. */
export function repositoryRows(scene: () => StreamScene): ArgumentRows {
  /** A repository whose tags were built in an order that is not that of their names. */
  const published = (): string => {
    const repository = `acme/${scene().newName()}`;
    const tags = { "1.9": "2026-03-01", "1.10": "2026-01-01", "2.0": "2026-02-01", edge: "2026-01-15" };
    for (const [tag, day] of Object.entries(tags)) {
      const created = `${day}T00:00:00Z`;
      scene()
        .sandbox.registry()
        .publishImage(repository, tag, { content: `${repository}:${tag}`, created });
    }
    return repository;
  };
  const args = (repository: string, given: object, more: object = {}) => ({
    tags: {},
    repository: { image: `quay.io/${repository}`, ...given },
    ...more,
  });
  const specOf = async (given: object) => (await scene().made(args(published(), given)))?.spec.tags ?? [];
  const names = (choice: object) => async (given: object) => {
    return (await specOf({ ...choice, ...given })).map(({ name }) => name).sort();
  };
  const firstOf = async (given: object) => (await specOf({ include: ["edge"], ...given }))[0];
  const afterVanished = async (given: object) => {
    const repository = published();
    const name = scene().newName();
    const follow = (more: object) => args(repository, { ...given, ...more }, { trackUpstream: "follow" });
    const { pulumi } = await scene().up(follow({}), name);
    scene().sandbox.registry().deleteTag(repository, "edge");
    // Asked in another way, because a process remembers for a minute what a registry has listed.
    await applyAgain(pulumi, scene().args(name, follow({ insecure: true })));
    return scene()
      .stored(name)
      ?.spec.tags?.some((tag) => tag.name === "edge");
  };
  const all = ["1.10", "1.9", "2.0", "edge"];
  const version = { pattern: "^(?<major>[0-9]+)[.](?<minor>[0-9]+)$" };
  const multi = { image: "quay.io/acme/multi" };

  return {
    repository: row({ repository: { ...multi, as: "all-{tag}" } }, ["v1"], ["all-v1", "v1"], async (given) =>
      (await scene().made(given))?.spec.tags?.map(({ name }) => name),
    ),
    "repository.image": row(multi, all, ["v1"], names({})),
    "repository.include": row({ include: ["1.*"] }, all, ["1.10", "1.9"], names({})),
    "repository.exclude": row({ exclude: ["1.*"] }, all, ["2.0", "edge"], names({})),
    "repository.pattern": row({ pattern: "^[0-9.]+$" }, all, ["1.10", "1.9", "2.0"], names({})),
    "repository.extract": row(
      { extract: "$minor" },
      ["2.0"],
      ["1.10"],
      names({ ...version, sort: "semver", limit: 1 }),
    ),
    "repository.semver": row({ semver: "<2" }, all, ["1.10", "1.9"], names({})),
    "repository.sort": row({ sort: "created" }, ["2.0"], ["1.9"], names({ semver: "*", limit: 1 })),
    "repository.limit": row({ limit: 2 }, all, ["2.0", "edge"], names({ sort: "alphabetical" })),
    "repository.as": row({ as: "base-{tag}" }, ["edge"], ["base-edge"], names({ include: ["edge"] })),
    "repository.vanished": row({ vanished: "remove" }, true, false, afterVanished),
    "repository.maxNew": row({ maxNew: 3 }, "ok", "IMPORT_LIMIT", async (given) =>
      codeOf(await scene().up(args(published(), given))),
    ),
    "repository.annotations": row(
      { annotations: { owner: "web" } },
      undefined,
      "web",
      async (given) => (await firstOf(given))?.annotations?.owner,
    ),
    "repository.scheduled": row(
      { scheduled: true },
      undefined,
      true,
      async (given) => (await firstOf(given))?.importPolicy?.scheduled,
    ),
    "repository.insecure": row(
      { insecure: true },
      undefined,
      true,
      async (given) => (await firstOf(given))?.importPolicy?.insecure,
    ),
    "repository.importMode": row(
      { importMode: "PreserveOriginal" },
      "Legacy",
      "PreserveOriginal",
      async (given) => (await firstOf(given))?.importPolicy?.importMode,
    ),
    "repository.referencePolicy": row(
      { referencePolicy: "Local" },
      "quay.io",
      internalHost,
      async (given) => {
        const { outputs } = await scene().up(args(published(), { include: ["edge"], ...given }));
        const resolved = outputs.resolved as Readonly<Record<string, { readonly pullSpec?: string }>>;
        return resolved.edge?.pullSpec?.split("/")[0];
      },
    ),
  };
}
