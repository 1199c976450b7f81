import { type FieldError, fieldInvalid, fieldRequired } from "../../kube/model/status.js";
import { parseReference } from "../reference.js";
import type { ImageStream, TagReference } from "./types.js";

const streamName = /^[a-z0-9]+(?:[._-]+[a-z0-9]+)*$/;
const sourceKinds = ["DockerImage", "ImageStreamImage", "ImageStreamTag"];

export function validateStream(stream: ImageStream): readonly FieldError[] {
  const { name } = stream.metadata;
  const nameErrors = streamName.test(name)
    ? []
    : [fieldInvalid("metadata.name", name, `must match "${streamName.source}"`)];
  return [...nameErrors, ...validateRepository(stream), ...(stream.spec.tags ?? []).flatMap(validateTag)];
}

function validateRepository(stream: ImageStream): readonly FieldError[] {
  const repository = stream.spec.dockerImageRepository;
  if (repository === undefined) return [];
  const field = "spec.dockerImageRepository";
  const message = referenceMessage(repository);
  if (message !== undefined) return [fieldInvalid(field, repository, message)];
  const { tag, digest } = parseReference(repository);
  if (tag !== "") return [fieldInvalid(field, repository, "the repository name may not contain a tag")];
  return digest === "" ? [] : [fieldInvalid(field, repository, "the repository name may not contain an ID")];
}

function validateTag({ name, from, importPolicy }: TagReference): readonly FieldError[] {
  const field = `spec.tags[${name}].from`;
  if (from === undefined) return [];
  const errors: FieldError[] = [];
  if (!sourceKinds.includes(from.kind)) {
    errors.push(
      fieldInvalid(
        `${field}.kind`,
        from.kind,
        "valid values are 'DockerImage', 'ImageStreamImage', 'ImageStreamTag'",
      ),
    );
  }
  if (((from.name as string | undefined) ?? "") === "") errors.push(fieldRequired(`${field}.name`, ""));
  else if (from.kind === "DockerImage") {
    const message = referenceMessage(from.name);
    if (message !== undefined) errors.push(fieldInvalid(`${field}.name`, from.name, message));
  }
  if (importPolicy.scheduled === true && from.kind !== "DockerImage") {
    const path = `spec.tags[${name}].importPolicy.scheduled`;
    errors.push(
      fieldInvalid(
        path,
        true,
        "only tags pointing to Docker repositories may be scheduled for background import",
      ),
    );
  }
  return errors;
}

/** Why a text is not a reference; undefined when it is one. */
export function referenceMessage(text: string): string | undefined {
  try {
    parseReference(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
