// A stranger's words on the page.

/** What acts on the words around it instead of being seen: control characters, Unicode's for the direction of writing and its like, and what is kept free for more of them. */
const ACTING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u{2065}\u{fff0}-\u{fffb}\u{e0000}-\u{e007f}]/gu;

/** Text of the engine's for the page: what acts without being seen is shown by its number, as in `\u{202e}`. Line breaks stay. */
export function visible(text: string): string {
  return text.replace(ACTING, (c) => (c === "\n" ? c : `\\u{${c.codePointAt(0)?.toString(16)}}`));
}
