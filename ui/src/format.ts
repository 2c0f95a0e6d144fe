// Amounts and lists, as they are said.

import { listFormat } from "./formatters";
import { locale } from "./text.svelte";
import { visible } from "./visible";

/** A number and its unit stay on one line. */
export const unbroken = (text: string) => visible(text).replaceAll(" ", "\u00a0");

/** Several things in one sentence, as in "a, b and c". */
export function together(things: string[]): string {
  return listFormat(locale()).format(things);
}
