// Lengths of time and amounts of data, as they are said.

import { size } from "./amounts";
import { locale, say } from "./text.svelte";
import { length } from "./time";

/** As in "1.8 s". */
export function long(ms: number): string {
  const { key, values } = length(ms, locale());
  return say(key, values);
}

/** As in "1.2 MB". */
export function large(octets: number): string {
  const { key, values } = size(octets, locale());
  return say(key, values);
}
