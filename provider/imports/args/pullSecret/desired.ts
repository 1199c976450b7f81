import type { SecretKey } from "../../../okd/secret.js";
import type { DockerConfig } from "./dockerConfig.js";

/** The pull secret that a resource keeps in its stream's namespace: `declared` by the program, or `copied`. */
export type DesiredPullSecret =
  | {
      readonly kind: "declared";
      readonly argument: "pullSecret";
      readonly name: string;
      readonly config: DockerConfig;
    }
  | {
      readonly kind: "copied";
      readonly argument: "pullSecretFrom";
      readonly name: string;
      readonly source: SecretKey;
    };
