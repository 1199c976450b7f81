import { createHash } from "node:crypto";

/** What operators add to a big cluster: kinds with definitions as big as generated ones, and their objects. */

export const customSizes = { kinds: 200, objects: 100_000 } as const;

/** Of the kinds; the others have no objects, as most kinds on most clusters. */
const inhabitedKinds = 40;
const objectsPerKind = customSizes.objects / inhabitedKinds;
/** One object in so many names an image of the cluster. */
const usersAmong = 50;
const fieldsPerDefinition = 300;
const sentence =
  "is the part of the resource that its controller reconciles; when it is left out, the default of the platform holds.";

export function customKindOf(kind: number): { readonly group: string; readonly plural: string } {
  return { group: `group-${Math.floor(kind / 5)}.example.com`, plural: `things${kind}` };
}

export function objectsOf(kind: number): number {
  return kind < inhabitedKinds ? objectsPerKind : 0;
}

/** As controller-gen writes it, with a sentence for every field; the image comes last. */
export function rawDefinition(kind: number): object {
  const { group, plural } = customKindOf(kind);
  const field = (index: number) => ({
    type: "object",
    description: `Field${index} ${sentence}`,
    properties: {
      name: { type: "string", description: `Name ${sentence}` },
      size: { type: "integer", description: `Size ${sentence}` },
      since: { type: "string", format: "date-time", description: `Since ${sentence}` },
    },
  });
  const fields = Object.fromEntries(
    Array.from({ length: fieldsPerDefinition }, (_, index) => [`field${index}`, field(index)]),
  );
  const spec = { type: "object", properties: { image: { type: "string" }, ...fields } };
  const schema = { type: "object", properties: { metadata: { type: "object" }, spec } };
  return {
    metadata: { name: `${plural}.${group}`, uid: hexOf(plural).slice(0, 36), generation: 1 },
    spec: {
      group,
      scope: "Namespaced",
      names: { plural, kind: `Thing${kind}` },
      versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema } }],
    },
  };
}

export function rawCustomObject(kind: number, index: number): object {
  const { group } = customKindOf(kind);
  const name = `thing-${kind}-${index}`;
  return {
    apiVersion: `${group}/v1`,
    kind: `Thing${kind}`,
    metadata: {
      name,
      namespace: `team-${index % 500}`,
      uid: hexOf(name).slice(0, 36),
      resourceVersion: String(index),
      creationTimestamp: "2026-10-01T00:00:00Z",
      labels: { app: name, "app.kubernetes.io/managed-by": "an-operator" },
      managedFields: managedFields(),
    },
    spec: {
      image: imageOf(kind, index, name),
      ...Object.fromEntries(
        range(12).map((field) => [
          `field${field}`,
          { name: `setting ${field} of ${name}`, size: index, since: "2026-10-01T00:00:00Z" },
        ]),
      ),
      settings: range(8).map((entry) => ({
        key: `SETTING_${entry}`,
        text: `a text about ${name} and ${entry}`,
      })),
    },
    status: {
      conditions: ["Ready", "Reconciled", "Available"].map((type) => ({
        type,
        status: "True",
        reason: "AsExpected",
        message: `everything about ${name} is as it should be`,
        lastTransitionTime: "2026-10-01T00:00:00Z",
      })),
    },
  };
}

function managedFields(): readonly object[] {
  const owned = Object.fromEntries(range(20).map((field) => [`f:field${field}`, { ".": {} }]));
  return [
    {
      manager: "an-operator",
      operation: "Update",
      fieldsType: "FieldsV1",
      fieldsV1: { "f:spec": owned },
    },
  ];
}

function imageOf(kind: number, index: number, name: string): string {
  return index % usersAmong === 0
    ? `image-registry.openshift-image-registry.svc:5000/team-1/application-1@sha256:${hexOf(name)}`
    : `quay.io/example/thing-${kind}:v1.${index % 7}`;
}

function hexOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function range(length: number): readonly number[] {
  return Array.from({ length }, (_, index) => index);
}
