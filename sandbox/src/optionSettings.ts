import { z } from "zod";
import type { SandboxLimits } from "./cluster/options.js";
import { registryModes } from "./control/changeSettings.js";
import { aliasChains } from "./images/stream/chains.js";
import type { IntegratedRegistryOptions } from "./integrated/parts.js";
import type { PolicyRule } from "./kube/access/roles.js";
import type { CustomKind } from "./kube/kinds/served.js";
import type { SandboxOptions, SandboxUserOptions } from "./options.js";
import type { RegistryOptions } from "./registry/start.js";
import {
  apiObject,
  type FieldsOf,
  flag,
  oneOf,
  port,
  seconds,
  text,
  texts,
  wholeNumber,
} from "./settings/values.js";

/** Names that faults and the request log know already. */
const takenNames = ["api", "integrated", "control"];

const policyRule = z.strictObject({
  verbs: texts.unwrap(),
  apiGroups: texts,
  resources: texts,
  resourceNames: texts,
  namespaces: texts,
} satisfies FieldsOf<PolicyRule>);

const user = z.strictObject({
  name: text,
  token: text.optional(),
  groups: texts,
  rules: z.array(policyRule).optional(),
} satisfies FieldsOf<SandboxUserOptions>);

const login = { username: text, password: text };
const authentication = z.discriminatedUnion("scheme", [
  z.strictObject({ scheme: z.literal("basic"), ...login }),
  z.strictObject({ scheme: z.literal("token"), ...login, anonymousPull: flag }),
]);

const registry = z.strictObject({
  port,
  protocol: oneOf("http", "https", "both"),
  authentication: authentication.optional(),
} satisfies FieldsOf<RegistryOptions>);

const registryName = z.string().refine((name) => !takenNames.includes(name), {
  error: "must be another name: that is a server's already",
});

const customKind = z.strictObject({
  group: text,
  version: text,
  resource: text,
  kind: text,
  namespaced: z.boolean(),
  schema: z.looseObject({}).optional(),
} satisfies FieldsOf<CustomKind>);

const integratedRegistry = z.strictObject({
  port,
  protocol: oneOf("https", "http"),
  publicHost: text.optional(),
  routes: z.record(z.string(), text).optional(),
  mode: oneOf(...registryModes),
} satisfies FieldsOf<IntegratedRegistryOptions>);

const limits = z.strictObject({
  importSeconds: seconds,
  maximumImportSeconds: seconds,
  registryHandshakeSeconds: seconds,
  registryResponseSeconds: seconds,
  tagsPerRepository: wholeNumber,
} satisfies FieldsOf<SandboxLimits>);

/** What `startSandbox` takes. */
export const sandboxSettings = z
  .strictObject({
    port,
    plainHttp: flag,
    controlPort: port,
    adminToken: text.optional(),
    users: z.array(user).optional(),
    registries: z.record(registryName, registry).optional(),
    integratedRegistry: integratedRegistry.optional(),
    registryRemoved: flag,
    registryHosts: z.record(z.string(), text).optional(),
    trustedCertificates: texts,
    distrustOwnAuthority: flag,
    allowedRegistriesForImport: z.array(z.strictObject({ domainName: text, insecure: flag })).optional(),
    namespaces: texts,
    clusterUid: text.optional(),
    customKinds: z.array(customKind).optional(),
    objects: z.array(apiObject).optional(),
    missingGroups: texts,
    unavailableGroups: texts,
    clockOffsetSeconds: z.number().optional(),
    throttleImports: flag,
    controller: flag,
    aliasChains: oneOf(...aliasChains),
    limits: limits.optional(),
  } satisfies FieldsOf<SandboxOptions>)
  .superRefine(({ registryHosts = {}, registries = { open: {} }, ...rest }, context) => {
    if (rest.registryRemoved === true && rest.integratedRegistry !== undefined) {
      const message = "must not be given together with integratedRegistry";
      context.addIssue({ code: "custom", path: ["registryRemoved"], message });
    }
    for (const [host, target] of Object.entries(registryHosts)) {
      if (Object.hasOwn(registries, target) || /^(?:127(?:\.\d+){3}|localhost|\[::1\]):\d+$/.test(target))
        continue;
      const message = `must be one of the registries ${Object.keys(registries).join(", ")}, or a loopback host:port`;
      context.addIssue({ code: "custom", path: ["registryHosts", host], message });
    }
  });
