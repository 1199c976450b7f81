import assert from "node:assert/strict";
import { type ImageStream, latestEvent } from "okd-image-sandbox";
import type { Scene } from "./imports.js";

const group = "rbac.authorization.k8s.io";

/** A project `dev` beside the program's, whose stream `app` is filled as a build would, and who may pull from it. */
export class SourceProject {
  readonly #scene: Scene;

  constructor(scene: Scene) {
    this.#scene = scene;
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "dev" } };
    scene.world.sandbox.seed(namespace);
  }

  /** Digest that `dev/app:<tag>` has after an import of `quay.io/acme/app:<upstream>`. */
  async import(tag: string, upstream: string): Promise<string> {
    const { httpUrl, adminToken } = this.#scene.world.sandbox;
    const digest = this.#scene.world.publish(upstream, `app ${upstream}`, "acme/app");
    const from = { kind: "DockerImage", name: `quay.io/acme/app:${upstream}` };
    const answer = await fetch(`${httpUrl}/apis/image.openshift.io/v1/namespaces/dev/imagestreamimports`, {
      method: "POST",
      headers: { authorization: `Bearer ${adminToken}`, "content-type": "application/json" },
      body: JSON.stringify({
        apiVersion: "image.openshift.io/v1",
        kind: "ImageStreamImport",
        metadata: { name: "app" },
        spec: { import: true, images: [{ from, to: { name: tag } }] },
      }),
    });
    assert.equal(answer.status, 201, await answer.clone().text());
    assert.equal(latestEvent(this.stream(), tag)?.image, digest);
    return digest;
  }

  stream(): ImageStream {
    return this.#scene.world.sandbox.stored("imagestreams.image.openshift.io", "app", "dev") as ImageStream;
  }

  remove(): void {
    const metadata = { name: "app", namespace: "dev" };
    this.#scene.world.sandbox.remove({ apiVersion: "image.openshift.io/v1", kind: "ImageStream", metadata });
  }

  /** What `oc policy add-role-to-user ROLE USER -n NAMESPACE` does. */
  bind(namespace: string, role: string, user: string): void {
    this.#scene.world.sandbox.seed({
      apiVersion: `${group}/v1`,
      kind: "RoleBinding",
      metadata: { name: `${role.replace(":", "-")}-${user}`, namespace },
      roleRef: { apiGroup: group, kind: "ClusterRole", name: role },
      subjects: [{ apiGroup: group, kind: "User", name: user }],
    });
  }
}
