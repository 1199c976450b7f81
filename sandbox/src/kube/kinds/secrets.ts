import type { KubeObject } from "../model/object.js";
import { type FieldError, fieldInvalid, fieldRequired, invalid } from "../model/status.js";
import type { Strategy } from "../storage/strategy.js";

const payloadKeys: Readonly<Record<string, string>> = {
  "kubernetes.io/dockercfg": ".dockercfg",
  "kubernetes.io/dockerconfigjson": ".dockerconfigjson",
};

/** `stringData` becomes `data`; a pull secret must hold its JSON; the type of a stored secret never changes. */
export const secretStrategy: Strategy = {
  prepareCreate: (object) => checked(withData(object)),
  prepareUpdate: (next, current) => {
    const secret = withData(next);
    if (secret["type"] === current["type"]) return checked(secret);
    throw invalidSecret(secret, fieldInvalid("type", secret["type"], "field is immutable"));
  },
};

function withData(object: KubeObject): KubeObject {
  const { stringData, ...secret } = object;
  const data = { ...(secret["data"] as Record<string, string> | undefined) };
  for (const [key, text] of Object.entries((stringData ?? {}) as Record<string, string>)) {
    data[key] = Buffer.from(text).toString("base64");
  }
  return { ...secret, type: secret["type"] ?? "Opaque", ...(Object.keys(data).length === 0 ? {} : { data }) };
}

function checked(secret: KubeObject): KubeObject {
  const key = payloadKeys[String(secret["type"])];
  if (key === undefined) return secret;
  const text = (secret["data"] as Readonly<Record<string, string>> | undefined)?.[key];
  if (text === undefined) throw invalidSecret(secret, fieldRequired(`data[${key}]`, ""));
  try {
    JSON.parse(Buffer.from(text, "base64").toString("utf8"));
    return secret;
  } catch (error) {
    throw invalidSecret(
      secret,
      fieldInvalid(`data[${key}]`, "<secret contents redacted>", (error as Error).message),
    );
  }
}

function invalidSecret(secret: KubeObject, error: FieldError): Error {
  return invalid({ group: "", resource: "Secret" }, secret.metadata.name, [error]);
}
