/** Characters; a path that a program names is shorter, a key or a kubeconfig longer. */
const maxLength = 200;
/** A name without folder and extension that is no longer may be shown. */
const maxPlainName = 32;

/**
 * Whether a text in the place of a path or of content looks like a path, and so may be shown. Keys, tokens and
 * kubeconfigs that are given by mistake or in base64 do not.
 */
export function looksLikePath(text: string): boolean {
  if (text.length > maxLength || /[\p{Cc}{}"']/u.test(text) || text.includes("-----")) return false;
  if (text.length <= maxPlainName) return true;
  const isRooted = /^(?:~|\.{1,2}|[A-Za-z]:)?[/\\]/.test(text);
  const words = text.split(/[/\\.\s_-]/);
  return isRooted ? words.every(isShort(64)) : /\.[A-Za-z0-9]{1,10}$/.test(text) && words.every(isShort(40));
}

/** What to call a file: `path`, or how long the text is that was given instead of one. */
export function nameOfFile(given: string, path: string = given): string {
  return looksLikePath(given) ? path : `what is given (${given.length} characters, which look like no path)`;
}

/** Tokens and base64 are longer stretches without a dot, a dash or a folder. */
function isShort(length: number): (word: string) => boolean {
  return (word) => word.length <= length;
}
