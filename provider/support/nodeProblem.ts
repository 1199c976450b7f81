/** Why this version of Node, like `20.20.2`, is too old for this package; undefined when it is not. */
export function nodeProblem(version: string, path: string): string | undefined {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 19)) return undefined;
  return `pulumi-okd-images needs Node 22.19 or later; this is ${version} (${path}). Install a newer one, or put it first on PATH`;
}
