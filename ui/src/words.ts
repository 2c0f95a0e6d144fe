// Lengths of time and amounts of data, as they are said.

import { size } from "./amounts";
import type { Delivered } from "./api";
import { locale, say } from "./text.svelte";
import { length } from "./time";

/** A number and its unit stay on one line. */
const unbroken = (text: string) => text.replaceAll(" ", "\u00a0");

/** As in "1.8 s". */
export function long(ms: number): string {
  const { key, values } = length(ms, locale());
  return unbroken(say(key, values));
}

/** As in "1.2 MB". */
export function large(octets: number): string {
  const { key, values } = size(octets, locale());
  return unbroken(say(key, values));
}

/** What came over a connection that was turned round, as in "3 messages, 1.2 MB". */
export function brought({ messages, refused, octets }: Delivered): string {
  const parts = [messages === null ? say("window-poke-uncounted") : say("window-poke-messages", { count: messages })];
  if (octets > 0) parts.push(large(octets));
  if (refused > 0) parts.push(say("window-poke-refused", { count: refused }));
  return parts.join(", ");
}

/** Several things in one sentence, as in "a, b and c". */
export function together(things: string[]): string {
  return new Intl.ListFormat(locale(), { type: "conjunction" }).format(things);
}
