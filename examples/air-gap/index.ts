import * as pulumi from "@pulumi/pulumi";
import * as okd from "pulumi-okd-images";

const namespace = new pulumi.Config().require("namespace");

/** What the other side needs: for each archive a repository and its tags. */
const repositories = [
  { name: "web", repository: "quay.io/acme/web", tags: ["v1", "v2"] },
  { name: "nginx", repository: "docker.io/library/nginx", tags: ["1.27"] },
];

const archives = repositories.map(({ name, repository, tags }) => {
  const stream = new okd.ImportedImageStream(name, {
    namespace,
    name,
    // With all platforms: pods name the digest of the index, and so it must arrive.
    tags: Object.fromEntries(
      tags.map((tag) => [tag, { image: `${repository}:${tag}`, importMode: "PreserveOriginal" as const }]),
    ),
  });
  return new okd.ImageArchive(name, {
    path: `out/${name}.tar`,
    createDirectories: true,
    // By the imported digest, under the name that it has in the source registry.
    images: tags.map((tag) => ({ stream: stream.tag(tag), as: `${repository}:${tag}` })),
    manifest: true,
  });
});

/** What to carry over: each with its .json and .sha256 beside it. */
export const files = pulumi.all(archives.map(({ path }) => path));
