// The page's only way to the outside. Nothing else in the page opens a connection.

import { isTauri } from "@tauri-apps/api/core";
import { browser } from "./browser";
import { tauri } from "./tauri";
import type { Transport } from "./transport";

export { Refusal, type Transport } from "./transport";

/** The way to the engine from where this page is shown. */
export function transport(): Transport {
  if (isTauri()) return tauri();
  const { protocol, host } = window.location;
  const address = `${protocol === "https:" ? "wss" : "ws"}://${host}/api`;
  return browser(() => new WebSocket(address));
}
