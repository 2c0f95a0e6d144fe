// Lengths of time and lists, as they are said.

import { locale, say } from "./text.svelte";
import { length } from "./time";

/** A number and its unit stay on one line. */
const unbroken = (text: string) => text.replaceAll(" ", "\u00a0");

/** As in "1.8 s". */
export function long(ms: number): string {
  const { key, values } = length(ms, locale());
  return unbroken(say(key, values));
}

/** Several things in one sentence, as in "a, b and c". */
export function together(things: string[]): string {
  return new Intl.ListFormat(locale(), { type: "conjunction" }).format(things);
}
