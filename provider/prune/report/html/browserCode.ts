/** What a browser runs and applies, as text for one `script` and one `style` element. */
export interface BrowserCode {
  readonly script: string;
  readonly style: string;
}

/** What the build makes of `browser/` (tools/build/bundlePage.mjs); read when the first page is rendered. */
export function loadBrowserCode(): BrowserCode {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- lazy, and made at build time
  return require("./browser.cjs") as BrowserCode;
}
