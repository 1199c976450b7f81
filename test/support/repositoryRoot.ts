import { dirname } from "node:path";

/** Folder of package.json, found by the package's own name wherever the compiled tests lie. */
export const repositoryRoot = dirname(require.resolve("pulumi-okd-images/package.json"));
