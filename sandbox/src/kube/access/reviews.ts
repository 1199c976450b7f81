import { randomUUID } from "node:crypto";
import { defined, isJsonObject, type KubeObject } from "../model/object.js";
import type { ResourceKind, ServedResource, User } from "../model/resource.js";
import { fieldRequired, invalid } from "../model/status.js";
import type { AccessRules } from "./rules.js";

const accessReviewKind: ResourceKind = {
  group: "authorization.k8s.io",
  version: "v1",
  resource: "selfsubjectaccessreviews",
  kind: "SelfSubjectAccessReview",
  namespaced: false,
};

const selfReviewKind: ResourceKind = {
  group: "authentication.k8s.io",
  version: "v1",
  resource: "selfsubjectreviews",
  kind: "SelfSubjectReview",
  namespaced: false,
};

/** Questions that users ask about themselves: POST only, nothing is stored. */
export function reviewResources(access: AccessRules): readonly ServedResource[] {
  return [
    { ...accessReviewKind, verbs: { create: (body, { user }) => reviewedAccess(access, body, user) } },
    {
      ...selfReviewKind,
      verbs: {
        create: (body, { user }) => ({
          ...body,
          metadata: { ...body.metadata, creationTimestamp: null },
          status: { userInfo: { username: user.name, uid: randomUUID(), groups: user.groups } },
        }),
      },
    },
  ];
}

interface ResourceAttributes {
  readonly namespace?: string;
  readonly verb?: string;
  readonly group?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly name?: string;
}

function reviewedAccess(access: AccessRules, body: KubeObject, user: User): KubeObject {
  const spec = isJsonObject(body["spec"]) ? body["spec"] : {};
  const attributes = spec["resourceAttributes"] as ResourceAttributes | undefined;
  if (attributes === undefined) {
    const message = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
    throw invalid({ group: accessReviewKind.group, resource: accessReviewKind.kind }, "", [
      fieldRequired("spec.resourceAttributes", message),
    ]);
  }
  const { verb = "", group = "", resource = "", subresource = "", namespace = "", name = "" } = attributes;
  const allowed = access.allows(user, {
    verb,
    group,
    resource: subresource === "" ? resource : `${resource}/${subresource}`,
    namespace: namespace === "" ? undefined : namespace,
    name: name === "" ? undefined : name,
  });
  return defined({
    ...body,
    metadata: { ...body.metadata, creationTimestamp: null },
    status: { allowed },
  });
}
