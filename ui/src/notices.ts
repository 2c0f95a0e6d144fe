// Where notices go besides the desktop. Pure.

import type { Channel, General } from "./api";
import { parseHours } from "./hours";

/** A part of a sentence as its key and its values. */
export type Way = { key: string; values: { to: string } };

const KEYS: Record<Channel, string> = {
  mail: "window-way-mail",
  webhook: "window-way-webhook",
  command: "window-way-command",
  heartbeat: "window-heartbeat-to",
};

export function ways({ channels }: General): Way[] {
  return channels.map(({ channel, to }) => ({ key: KEYS[channel], values: { to } }));
}

/** Quiet hours: two times of every day, or, where they are more than that, as the settings file has them. */
export type Quiet = { from: string; to: string } | { whole: string };

/** `null` for none. */
export function parseQuiet(text: string): Quiet | null {
  if (text === "") return null;
  const hours = parseHours(text);
  return hours?.days.every(Boolean) ? { from: hours.from, to: hours.to } : { whole: text };
}

/** As the settings file has them. */
export function formatQuiet(quiet: Quiet): string {
  return "whole" in quiet ? quiet.whole : `${quiet.from.trim()}-${quiet.to.trim()}`;
}
