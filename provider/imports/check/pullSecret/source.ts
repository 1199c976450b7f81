import type { RequestOptions } from "../../../okd/requestOptions.js";
import { secretName } from "../../../okd/secret.js";
import { bareMessage, ImageError, isImageError } from "../../../support/imageError.js";
import { excerpt } from "../../../support/text/excerpt.js";
import type { DesiredPullSecret } from "../../args/pullSecret/desired.js";
import { type DockerConfig, keysOf } from "../../args/pullSecret/dockerConfig.js";
import { configOf } from "../../plan/pullSecret/content.js";
import type { PullSecrets } from "../../pullSecrets.js";

/** `absent`: the secret to copy does not exist; the same program may be about to create it. */
export type WantedContent =
  | { readonly kind: "known"; readonly config: DockerConfig; readonly keys: readonly string[] }
  | { readonly kind: "absent"; readonly reason: string };

/** What the secret is to hold. @throws ImageError API_FORBIDDEN, ARGUMENT_INVALID, ... */
export async function wantedContent(
  secrets: Pick<PullSecrets, "getSecret">,
  desired: DesiredPullSecret,
  options: RequestOptions,
): Promise<WantedContent> {
  if (desired.kind === "declared") return known(desired.config);
  const { source, argument } = desired;
  const found = await pathed(argument, () => secrets.getSecret(source, options));
  const where = secretName(source);
  if (found === undefined)
    return { kind: "absent", reason: `${argument}: there is no secret ${where} to copy.` };
  const config = configOf(found);
  if (config !== undefined) return known(config);
  throw new ImageError(
    "ARGUMENT_INVALID",
    `${argument}: secret ${where} is no pull secret that can be read: its type is ${excerpt(found.type ?? "Opaque")}, and only kubernetes.io/dockerconfigjson and kubernetes.io/dockercfg with their JSON are copied`,
  );
}

function known(config: DockerConfig): WantedContent {
  return { kind: "known", config, keys: keysOf(config) };
}

/** A failure of the API server, with the argument that it is about in front. */
export async function pathed<Result>(argument: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!isImageError(error) || !error.code.startsWith("API_")) throw error;
    throw new ImageError(error.code, `${argument}: ${bareMessage(error)}`, { cause: error });
  }
}
