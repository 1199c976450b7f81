import type { User } from "../model/resource.js";
import type { ObjectStore } from "../storage/objectStore.js";
import { basicUser, clusterRoles, type PolicyRule } from "./roles.js";

export interface AccessRequest {
  readonly verb: string;
  readonly group: string;
  /** With the subresource, as in `imagestreams/status`. */
  readonly resource: string;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

const rbacGroup = "rbac.authorization.k8s.io";

/** Decides by rules given at start or later, and by the role bindings that are stored. */
export class AccessRules {
  readonly #rules = new Map<string, PolicyRule[]>();

  readonly #store: ObjectStore;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  grant(user: string, rule: PolicyRule): void {
    this.#rules.set(user, [...(this.#rules.get(user) ?? []), rule]);
  }

  /** Takes back what `grant` gave. */
  revoke(user: string): void {
    this.#rules.delete(user);
  }

  allows(user: User, request: AccessRequest): boolean {
    if (user.groups.includes("system:masters")) return true;
    const everyone = user.groups.includes("system:authenticated") ? basicUser : [];
    const given = this.#rules.get(user.name) ?? [];
    return (
      [...everyone, ...given].some((rule) => covers(rule, request)) ||
      this.#boundRules(user, request).some((rule) => covers(rule, request))
    );
  }

  #boundRules(user: User, request: AccessRequest): readonly PolicyRule[] {
    const bindings = [
      ...this.#store.list(`clusterrolebindings.${rbacGroup}`),
      ...(request.namespace === undefined
        ? []
        : this.#store.list(`rolebindings.${rbacGroup}`, request.namespace)),
    ] as unknown as readonly RoleBinding[];
    return bindings
      .filter((binding) => namesUser(binding, user))
      .flatMap((binding) => this.#rulesOf(binding));
  }

  #rulesOf({ roleRef, metadata }: RoleBinding): readonly PolicyRule[] {
    const stored =
      roleRef.kind === "ClusterRole"
        ? this.#store.get(`clusterroles.${rbacGroup}`, `/${roleRef.name}`)
        : this.#store.get(`roles.${rbacGroup}`, `${metadata.namespace ?? ""}/${roleRef.name}`);
    if (stored !== undefined) return (stored["rules"] ?? []) as readonly PolicyRule[];
    return roleRef.kind === "ClusterRole" ? (clusterRoles[roleRef.name] ?? []) : [];
  }
}

interface RoleBinding {
  readonly metadata: { readonly namespace?: string };
  readonly roleRef: { readonly kind: string; readonly name: string };
  readonly subjects?: readonly {
    readonly kind: string;
    readonly name: string;
    readonly namespace?: string;
  }[];
}

function namesUser(binding: RoleBinding, user: User): boolean {
  return (binding.subjects ?? []).some((subject) => {
    if (subject.kind === "Group") return user.groups.includes(subject.name);
    if (subject.kind === "User") return subject.name === user.name;
    return (
      user.name ===
      `system:serviceaccount:${subject.namespace ?? binding.metadata.namespace ?? ""}:${subject.name}`
    );
  });
}

function covers(rule: PolicyRule, request: AccessRequest): boolean {
  return (
    includesOrAll(rule.verbs, request.verb) &&
    includesOrAll(rule.apiGroups ?? ["*"], request.group) &&
    includesOrAll(rule.resources ?? ["*"], request.resource) &&
    (rule.resourceNames === undefined ||
      (request.name !== undefined && rule.resourceNames.includes(request.name))) &&
    (rule.namespaces === undefined ||
      (request.namespace !== undefined && rule.namespaces.includes(request.namespace)))
  );
}

function includesOrAll(values: readonly string[], value: string): boolean {
  return values.includes("*") || values.includes(value);
}
