/**
 * A text without any of these characters at its end. `text.replace(/x+$/, "")` needs the square of the length where a long
 * run of them is not at the end.
 */
export function trimmedEnd(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}
