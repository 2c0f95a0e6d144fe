// Where notices go besides the desktop. Pure.

import type { Channel, General } from "./api";

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

/** Quiet hours as two times of day, as the settings file has them; `null` for none. */
export function parseQuiet(text: string): { from: string; to: string } | null {
  const at = text.indexOf("-");
  return at < 0 ? null : { from: text.slice(0, at).trim(), to: text.slice(at + 1).trim() };
}
