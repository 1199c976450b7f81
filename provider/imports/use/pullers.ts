import type { ApiResource, ClusterObjects } from "../../okd/objects.js";
import type { RequestOptions } from "../../okd/requestOptions.js";
import type { SecretKey } from "../../okd/secret.js";
import { mapConcurrently } from "../../support/async/concurrency.js";
import { hasCode } from "../../support/imageError.js";
import { isObject, listAt, textAt } from "../../support/json.js";
import type { FoundSecretUsers, SecretUsers } from "../pullSecrets.js";

const core = { group: "", version: "v1" };
const apps = { group: "apps", version: "v1" };
const batch = { group: "batch", version: "v1" };

/** What pulls or builds by secrets. What an owner made of its template is found at the owner. */
const kinds: readonly ApiResource[] = [
  { ...core, resource: "serviceaccounts" },
  { ...core, resource: "pods" },
  { ...core, resource: "replicationcontrollers" },
  ...["deployments", "statefulsets", "daemonsets", "replicasets"].map((resource) => ({ ...apps, resource })),
  ...["jobs", "cronjobs"].map((resource) => ({ ...batch, resource })),
  { group: "apps.openshift.io", version: "v1", resource: "deploymentconfigs" },
  { group: "build.openshift.io", version: "v1", resource: "buildconfigs" },
];
const listsAtATime = 3;

/** Lists the kinds of the secret's namespace that can name a secret. */
export function createSecretUsers(objects: Pick<ClusterObjects, "serves" | "list">): SecretUsers {
  return {
    async findSecretUsers(key, options) {
      const seen = await mapConcurrently(kinds, listsAtATime, (kind) =>
        usersOfKind(objects, kind, key, options),
      );
      return {
        users: seen.flatMap(({ users }) => users).sort(),
        unread: seen.flatMap(({ unread }) => unread).sort(),
      };
    },
  };
}

async function usersOfKind(
  objects: Pick<ClusterObjects, "serves" | "list">,
  kind: ApiResource,
  { namespace, name }: SecretKey,
  { signal }: RequestOptions,
): Promise<FoundSecretUsers> {
  const users: string[] = [];
  const singular = kind.resource.slice(0, -1);
  try {
    if (!(await objects.serves(kind, { signal }))) return { users, unread: [] };
    const onPage = (page: readonly unknown[]) => {
      const found = page.filter((object) => !hasOwner(object) && namesSecret(object, name));
      users.push(...found.map((object) => `${singular}/${textAt(object, "metadata", "name")}`));
    };
    await objects.list(kind, { namespace, signal, onPage });
    return { users, unread: [] };
  } catch (error) {
    if (hasCode(error, "API_FORBIDDEN")) return { users: [], unread: [kind.resource] };
    throw error;
  }
}

function hasOwner(object: unknown): boolean {
  return listAt(object, "metadata", "ownerReferences").length > 0;
}

const listFields: ReadonlySet<string> = new Set(["imagePullSecrets", "secrets"]);
const objectFields: ReadonlySet<string> = new Set([
  ...["pullSecret", "pushSecret", "sourceSecret"],
  ...["secret", "secretRef", "secretKeyRef"],
]);

/** Whether a field that names secrets names this one, anywhere in the object. */
function namesSecret(value: unknown, name: string): boolean {
  if (Array.isArray(value)) return value.some((element) => namesSecret(element, name));
  if (!isObject(value)) return false;
  return Object.entries(value).some(([field, inner]) => {
    const isList = listFields.has(field) && Array.isArray(inner);
    const references = isList ? (inner as readonly unknown[]) : objectFields.has(field) ? [inner] : [];
    return references.some((reference) => isNamed(reference, name)) || namesSecret(inner, name);
  });
}

function isNamed(reference: unknown, name: string): boolean {
  return [textAt(reference, "name"), textAt(reference, "secretName")].includes(name);
}
