/** Value of the header User-Agent: `pulumi-okd-images/<version>`. */
export function userAgent(): string {
  // Resolved by the package's own name, because the distance to package.json differs between build folders.
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- JSON outside of rootDir
  const { version } = require("pulumi-okd-images/package.json") as { readonly version: string };
  return `pulumi-okd-images/${version}`;
}
