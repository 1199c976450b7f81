import { listAt, textAt } from "../support/json.js";
import { type FieldPath, type Place, placesBelow, valuesAt } from "./place.js";
import type { ContainerImage, Mentions, TemplateKind } from "./referrer.js";

const templatePath: FieldPath = ["spec", "template", "spec"];
const jobTemplatePath: FieldPath = ["spec", "jobTemplate", ...templatePath];

/** Where a workload has its pod spec. */
export function podSpecPath(kind: TemplateKind): FieldPath {
  return kind === "cronjob" ? jobTemplatePath : templatePath;
}

/** What `oc` reads of a pod spec, in its order. */
const containerLists = [
  { list: "initContainers", role: "init container" },
  { list: "containers", role: "container" },
] as const;

const otherImages = [
  { list: "ephemeralContainers", item: "ephemeral container", field: ["image"] },
  { list: "volumes", item: "volume", field: ["image", "reference"] },
] as const;

const statusLists = ["initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"] as const;

const imageIds: readonly Place[] = statusLists.map((list) => ({
  path: ["status", `${list}[]`, "imageID"],
  content: "image ID",
  readByOc: false,
}));

export const podSpecPlaces: readonly Place[] = [
  ...containerLists.map(({ list }): Place => ({
    path: [`${list}[]`, "image"],
    content: "pull spec",
    readByOc: true,
  })),
  ...otherImages.map(({ list, field }): Place => ({
    path: [`${list}[]`, ...field],
    content: "pull spec",
    readByOc: false,
  })),
];

/** What a pod says, besides its annotations. */
export const ownPodPlaces: readonly Place[] = [...placesBelow(["spec"], podSpecPlaces), ...imageIds];

/** What `oc` reads of a pod spec. */
export function containerImages(podSpec: unknown): readonly ContainerImage[] {
  return containerLists.flatMap(({ list, role }) =>
    listAt(podSpec, list).map((container) => ({
      role,
      name: textAt(container, "name"),
      image: textAt(container, "image"),
    })),
  );
}

/** What `oc` does not read of a pod spec: ephemeral containers and volumes that are images. */
export function otherPullSpecs(podSpec: unknown): Mentions["pullSpecs"] {
  return otherImages
    .flatMap(({ list, item, field }) =>
      listAt(podSpec, list).map((each) => ({
        field: `${item} ${textAt(each, "name")}`,
        text: textAt(each, ...field),
      })),
    )
    .filter(({ text }) => text !== "");
}

/** Every pull spec of a pod spec, for objects that are no workload of `oc`'s. */
export function allPullSpecs(podSpec: unknown): Mentions["pullSpecs"] {
  const containers = containerImages(podSpec).map(({ role, name, image }) => ({
    field: `${role} ${name}`,
    text: image,
  }));
  return [...containers.filter(({ text }) => text !== ""), ...otherPullSpecs(podSpec)];
}

/** `imageID` of a pod's containers as written, each once; a container that has not started has none. */
export function runningImageIds(pod: unknown): readonly string[] {
  const ids = imageIds
    .flatMap(({ path }) => valuesAt(pod, path))
    .filter((id) => typeof id === "string" && id !== "");
  return [...new Set(ids)] as readonly string[];
}
