import { runExample } from "../harness/exampleProgram.js";
describe("x", () => {
  for (const preview of [true, false])
  it("runs " + preview, async () => {
    const r = await runExample("imported-deployment", {
      config: { kubeconfig: "apiVersion: v1\nx", namespace: "shop", image: "quay.io/acme/web:v1", registryUser: "u", registryPassword: "p" },
      secretConfig: ["kubeconfig", "registryPassword"],
      preview,
      outputsOf: (x) => x.type.includes("okd:") ? { resolved: { v1: { digest: "sha256:1", pullSpec: "quay.io/acme/web@sha256:1" } } } : {},
    });
    console.log(JSON.stringify(r.resources.map(x => ({...x, inputs: {...x.inputs, __provider: undefined}})), null, 1));
  });
});
