const separator = "; ";

/**
 * A test that stands for these rows of docs/reference/pulumi-features.md. Its title begins with them, so that what is covered can
 * be read from a dry run of mocha.
 */
export function scenario(
  features: readonly [string, ...string[]],
  title: string,
  body: (this: Mocha.Context) => Promise<void>,
): void {
  it(`[${features.join(separator)}] ${title}`, body);
}

/** The features that a test's title names. */
export function featuresIn(title: string): readonly string[] {
  const [, features = ""] = /^\[(.+)\] /.exec(title) ?? [];
  return features === "" ? [] : features.split(separator);
}
