import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Operation } from "./operation.js";
import type { Stack } from "./stack.js";

/**
 * Where one of these secrets can be read: in the backend (state, its backups and history), in the CLI's own folder, in
 * stack settings, in the engine's events, or in what was printed. Raw, URL-encoded, escaped as in JSON, or in base64.
 */
export function findLeaks(stack: Stack, secrets: readonly string[]): readonly string[] {
  const { root, folder, backendFolder } = stack.project;
  const files = [
    ...filesBelow(backendFolder),
    ...filesBelow(join(root, "home")),
    ...readdirSync(folder)
      .filter((name) => name.startsWith("Pulumi."))
      .map((name) => join(folder, name)),
  ];
  const places = [
    ...files.map((file) => ({ name: relative(root, file), text: readFileSync(file, "utf8") })),
    ...stack.operations.flatMap((operation) => [
      { name: `output of ${operation.command}`, text: operation.text },
      { name: `events of ${operation.command}`, text: shownEvents(operation) },
    ]),
  ];
  return places.flatMap(({ name, text }) =>
    secrets.flatMap((secret) =>
      formsOf(secret)
        .filter((form) => text.includes(form.text))
        .map((form) => `${name}: ${form.kind}`),
    ),
  );
}

/** Without what only --debug shows: there Pulumi's SDK itself logs the answer to every registration, in clear. */
function shownEvents({ events }: Operation): string {
  return JSON.stringify(events.filter(({ diagnosticEvent }) => diagnosticEvent?.severity !== "debug"));
}

function formsOf(secret: string): readonly { readonly kind: string; readonly text: string }[] {
  const bytes = Buffer.from(secret);
  const base64 = [0, 1, 2].flatMap((offset) => {
    const shifted = Buffer.concat([Buffer.alloc(offset), bytes]);
    // The first and the last characters depend on what stands around the secret.
    return (["base64", "base64url"] as const).map((encoding) => shifted.toString(encoding).slice(4, -4));
  });
  return [
    { kind: "raw", text: secret },
    { kind: "URL-encoded", text: encodeURIComponent(secret) },
    { kind: "as form value", text: new URLSearchParams({ x: secret }).toString().slice(2) },
    { kind: "JSON", text: JSON.stringify(secret).slice(1, -1) },
    { kind: "JSON in JSON", text: JSON.stringify(JSON.stringify(secret)).slice(3, -3) },
    ...base64.map((text) => ({ kind: "base64", text })),
  ];
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
