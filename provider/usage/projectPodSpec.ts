import { listAt, textAt, valueAt } from "../support/json.js";
import type { ContainerImage, Mentions } from "./referrer.js";

/** What `oc` reads of a pod spec, in its order. */
export function containerImages(podSpec: unknown): readonly ContainerImage[] {
  const imagesIn = (field: string, role: ContainerImage["role"]) =>
    listAt(podSpec, field).map((container) => ({
      role,
      name: textAt(container, "name"),
      image: textAt(container, "image"),
    }));
  return [...imagesIn("initContainers", "init container"), ...imagesIn("containers", "container")];
}

/** What `oc` does not read of a pod spec: ephemeral containers and volumes that are images. */
export function otherPullSpecs(podSpec: unknown): Mentions["pullSpecs"] {
  const ephemeral = listAt(podSpec, "ephemeralContainers").map((container) => ({
    field: `ephemeral container ${textAt(container, "name")}`,
    text: textAt(container, "image"),
  }));
  const volumes = listAt(podSpec, "volumes").map((volume) => ({
    field: `volume ${textAt(volume, "name")}`,
    text: textAt(volume, "image", "reference"),
  }));
  return [...ephemeral, ...volumes].filter(({ text }) => text !== "");
}

/** Every pull spec of a pod spec, for objects that are no workload of `oc`'s. */
export function allPullSpecs(podSpec: unknown): Mentions["pullSpecs"] {
  const containers = containerImages(podSpec).map(({ role, name, image }) => ({
    field: `${role} ${name}`,
    text: image,
  }));
  return [...containers.filter(({ text }) => text !== ""), ...otherPullSpecs(podSpec)];
}

const statusLists = ["initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"] as const;

/** `imageID` of a pod's containers as written, each once; a container that has not started has none. */
export function runningImageIds(pod: unknown): readonly string[] {
  const ids = statusLists
    .flatMap((list) => listAt(valueAt(pod, "status"), list))
    .map((status) => textAt(status, "imageID"))
    .filter((id) => id !== "");
  return [...new Set(ids)];
}
