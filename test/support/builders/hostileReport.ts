import type { ReportInput } from "../../../provider/prune/report/build.js";
import { exampleReport } from "./pruneReport.js";

/** Names of streams that try to inject into the page or the Markdown, or to mislead the reader. */
export const hostileTexts: readonly string[] = [
  "</script><script>window.injected=1</script>",
  "<img src=x onerror=window.injected=1>",
  `"><svg onload=window.injected=1>`,
  "' onmouseover='window.injected=1",
  "<!--<script>",
  "]]><base href=//evil.example>",
  "&lt;b&gt;&amp;",
  "a|b`c``d\\|e",
  "[click](javascript:window.injected=1) ![x](http://127.0.0.1:9/x.png)",
  "@everyone #1 https://evil.example www.evil.example",
  "evil\u202egnp.exe\u2066\u200b",
  "line\nbreak\r\n# heading\u2028\u0000\u001b[31m",
  "half \ud800 pair",
  "x".repeat(250),
];

const example = exampleReport(3);

/** A report with each of the texts as every name, digest and message that comes from elsewhere. */
export function hostileReport(texts: readonly string[] = hostileTexts): ReportInput {
  const { snapshot, coverage, conditions } = example.survey;
  const digest = (text: string) => `sha256:${text}`;
  const createdAt = snapshot.takenAt - 86_400_000;
  const images = texts.map((text) => ({
    ...snapshot.images[0]!,
    digest: digest(text),
    managed: false,
    repository: text,
  }));
  return {
    ...example,
    resourceName: texts.join(" "),
    urn: texts.join("::"),
    plan: {
      streams: texts.map((text) => ({
        namespace: text,
        name: text,
        tags: [
          {
            tag: text,
            vanishes: true,
            cuts: [
              { digest: digest(text), createdAt, pullSpec: text, revision: 0, reason: "dangling-revision" },
            ],
          },
        ],
        layerLinks: [],
        manifestLinks: [],
      })),
      images: {
        kind: "planned",
        deletions: [...texts.map(digest), ...texts.map((text) => `${text} alone`)].map((name) => ({
          digest: name,
          reason: "unreferenced-image",
          blobs: [],
          manifestBlob: true,
          bytes: 7,
        })),
      },
      kept: { revisions: { "tag-in-use": 1 }, images: {} },
      ignoredReferences: texts.map((text) => ({
        referrer: { kind: "other", objectKind: text, namespace: text, name: text },
        field: text,
        target: "image",
        text,
        problem: text,
      })),
      warnings: [{ kind: "already-unpullable", digest: texts.join(), users: texts }],
    },
    survey: {
      snapshot: {
        ...snapshot,
        images,
        streams: texts.map((text) => ({
          ...snapshot.streams[0]!,
          namespace: text,
          name: text,
          specTags: [
            { name: text, isReference: false, from: { kind: "DockerImage", namespace: "", name: text } },
          ],
        })),
      },
      coverage: {
        ...coverage,
        read: Object.fromEntries(texts.map((text) => [text, 1])),
        costs: Object.fromEntries(texts.map((text) => [text, { bytes: 1, milliseconds: 1 }])),
        absent: Object.fromEntries(texts.map((text) => [text, text])),
        uncovered: texts,
      },
      conditions: {
        ...conditions,
        imagePruner: {
          kind: "active",
          schedule: texts.join(),
          keepTagRevisions: 1,
          keepYoungerThan: texts.join(),
          isRunning: false,
        },
      },
    },
    registry: texts.join(" "),
    policy: Object.fromEntries(texts.map((text) => [text, text])),
    cluster: { server: texts.join(" "), uid: texts.join(" ") },
    cutoffs: texts.map((argument) => ({ argument, at: createdAt })),
    fingerprint: texts.join(""),
    kept: {
      revisions: texts.map((text) => ({
        ...{ namespace: text, name: text, tag: text, revision: 0, digest: text, createdAt },
        ...{ reason: "tag-in-use", users: [text], userCount: 4 },
      })),
      images: texts.map((text) => ({
        ...{ digest: text, repository: text, createdAt },
        ...{ reason: "digest-in-use", users: [text], userCount: 1 },
      })),
    },
    objections: texts.map((text) => ({ name: text, message: text })),
    warnings: texts,
  };
}
