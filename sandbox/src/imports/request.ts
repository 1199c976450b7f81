import { parseReference } from "../images/reference.js";
import { normalizedImportPolicy } from "../images/stream/defaults.js";
import { imageGroup } from "../images/stream/types.js";
import { referenceMessage } from "../images/stream/validation.js";
import type { RegistryWhitelist } from "../images/stream/whitelist.js";
import { defined, isJsonObject, type KubeObject } from "../kube/model/object.js";
import {
  type FieldError,
  fieldForbidden,
  fieldInvalid,
  fieldRequired,
  invalid,
} from "../kube/model/status.js";
import type { ImageImportSpec, ImageStreamImport, ImportSpec, RepositoryImportSpec } from "./types.js";

/** The request with its defaults, or a 422. */
export function parseImportRequest(body: KubeObject): ImageStreamImport {
  const given = (isJsonObject(body["spec"]) ? body["spec"] : {}) as unknown as GivenSpec;
  const spec = defined({
    import: given.import === true,
    repository: given.repository === undefined ? undefined : withDefaults(given.repository),
    images: given.images?.map(imageWithDefaults),
  }) as ImportSpec;
  const errors = validateSpec(spec);
  if (errors.length > 0) throw invalidImport(body.metadata.name, errors);
  return { ...body, spec };
}

/** The registries that this user may not import from; users who may create images are exempt here. */
export function checkWhitelist(request: ImageStreamImport, whitelist: RegistryWhitelist): void {
  const { images = [], repository } = request.spec;
  const sources = [
    ...images.map((image, index) => ({ field: `spec.images[${index}].from.name`, ...image })),
    ...(repository === undefined ? [] : [{ field: "spec.repository.from.name", ...repository }]),
  ];
  const errors = sources.flatMap(({ field, from, importPolicy }) => {
    const transport = importPolicy.insecure === true ? "insecure" : "secure";
    const complaint = whitelist.complaint(from.name, transport);
    if (complaint === undefined) return [];
    const registry = whitelist.registryName(from.name, transport);
    return [fieldForbidden(field, `importing images from registry "${registry}" is forbidden: ${complaint}`)];
  });
  if (errors.length > 0) throw invalidImport(request.metadata.name, errors);
}

type GivenImage = { readonly [K in keyof ImageImportSpec]?: ImageImportSpec[K] | undefined };

interface GivenSpec {
  readonly import?: boolean;
  readonly repository?: GivenImage;
  readonly images?: readonly GivenImage[];
}

function imageWithDefaults(image: GivenImage): ImageImportSpec {
  const to = image.to ?? sourceTag(image.from?.name ?? "");
  return { ...withDefaults(image), ...(to === undefined ? {} : { to }) };
}

/** Absent fields become empty ones, which validation then complains about. */
function withDefaults({ from, importPolicy, referencePolicy, ...rest }: GivenImage): RepositoryImportSpec {
  return defined({
    from: { kind: from?.kind ?? "", name: from?.name ?? "" },
    importPolicy: normalizedImportPolicy(importPolicy),
    referencePolicy: { type: referencePolicy?.type === "Local" ? "Local" : "Source" },
    includeManifest: rest.includeManifest,
  }) as RepositoryImportSpec;
}

function sourceTag(name: string): { readonly name: string } | undefined {
  if (referenceMessage(name) !== undefined) return undefined;
  const { tag } = parseReference(name);
  return tag === "" ? undefined : { name: tag };
}

function validateSpec(spec: ImportSpec): readonly FieldError[] {
  const { images = [], repository } = spec;
  if (images.length === 0 && repository === undefined) {
    return [fieldInvalid("spec.images", null, "you must specify at least one image or a repository import")];
  }
  return [
    ...images.flatMap(validateImage),
    ...(repository === undefined ? [] : validateRepository(repository)),
  ];
}

function validateImage(image: ImageImportSpec, index: number): readonly FieldError[] {
  const field = `spec.images[${index}]`;
  const errors = [...validateSource(image.from, `${field}.from`), ...validateMode(image, field)];
  if (image.to !== undefined && image.to.name === "") errors.push(fieldRequired(`${field}.to.name`, ""));
  return errors;
}

function validateRepository(repository: RepositoryImportSpec): readonly FieldError[] {
  const errors = [
    ...validateSource(repository.from, "spec.repository.from"),
    ...validateMode(repository, "spec.repository"),
  ];
  if (errors.length > 0) return errors;
  const { tag, digest } = parseReference(repository.from.name);
  if (tag === "" && digest === "") return [];
  const message = "you must specify an image repository, not a tag or ID";
  return [fieldInvalid("spec.repository.from.name", repository.from.name, message)];
}

function validateSource(from: ImageImportSpec["from"], field: string): readonly FieldError[] {
  if (from.kind !== "DockerImage") {
    return [fieldInvalid(`${field}.kind`, from.kind, "only DockerImage is supported")];
  }
  if (from.name === "") return [fieldRequired(`${field}.name`, "")];
  const message = referenceMessage(from.name);
  return message === undefined ? [] : [fieldInvalid(`${field}.name`, from.name, message)];
}

function validateMode({ importPolicy }: RepositoryImportSpec, field: string): FieldError[] {
  const mode = importPolicy.importMode;
  if (mode === "Legacy" || mode === "PreserveOriginal") return [];
  return [
    fieldInvalid(
      `${field}.importPolicy.importMode`,
      mode,
      `invalid import mode, valid modes are '', 'Legacy', 'PreserveOriginal'`,
    ),
  ];
}

function invalidImport(name: string, errors: readonly FieldError[]): Error {
  return invalid({ group: imageGroup, resource: "ImageStreamImport" }, name, errors);
}
