import { z } from "zod";
import type { DesiredRepository } from "./desiredRepository.js";
import { policies, texts } from "./tagSchema.js";

const globs = z.array(z.string()).optional();
const count = z.number().int();

export const repositorySchema = z.strictObject({
  image: z.string(),
  include: globs,
  exclude: globs,
  pattern: z.string().optional(),
  extract: z.string().optional(),
  semver: z.string().optional(),
  sort: z.enum(["semver", "numerical", "alphabetical", "created"]).optional(),
  limit: count.min(1).optional(),
  as: z.string().default("{tag}"),
  vanished: z.enum(["keep", "remove"]).default("keep"),
  maxNew: count.min(0).optional(),
  ...policies,
  annotations: texts.optional(),
});

type Written = z.infer<typeof repositorySchema>;

export function desiredRepository(
  written: Written,
  defaults: Pick<Written, keyof typeof policies>,
): DesiredRepository {
  const { image, pattern, extract, semver, limit, as, vanished, maxNew } = written;
  return {
    image,
    include: written.include ?? [],
    exclude: written.exclude ?? [],
    pattern,
    extract,
    semver,
    sort: written.sort ?? (semver === undefined ? undefined : "semver"),
    limit,
    as,
    vanished,
    maxNew,
    scheduled: written.scheduled ?? defaults.scheduled ?? false,
    insecure: written.insecure ?? defaults.insecure ?? false,
    importMode: written.importMode ?? defaults.importMode,
    mirror:
      (written.mirror ?? defaults.mirror ?? false) &&
      (written.referencePolicy ?? defaults.referencePolicy) === "Local",
    referencePolicy: written.referencePolicy ?? defaults.referencePolicy ?? "Source",
    annotations: written.annotations ?? {},
  };
}
