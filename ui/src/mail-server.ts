// How the mail server stood before a poke, shortly. Pure.

import type { MailServerState } from "./api";
import type { Look } from "./marks";

/** How it looks, and a word or two; `null` where only the engine's sentence tells what it means for the mail. */
export function shortly(state: MailServerState): { key: string | null; look: Look } {
  switch (state.state) {
    case "answering":
    case "trusts-us":
    case "untestable":
      return { key: "window-mail-server-answers", look: { shape: "check", tone: "good" } };
    case "open-relay":
      return { key: null, look: { shape: "alert", tone: "trouble" } };
    case "postpones":
      return { key: null, look: { shape: "pause", tone: "calm" } };
    case "refuses-domain":
    case "turns-away":
      return { key: "window-mail-server-refuses", look: { shape: "cross", tone: "trouble" } };
    case "silent":
    case "hangs-up":
    case "refusing":
    case "unreachable":
    case "not-smtp":
      return { key: "window-mail-server-silent", look: { shape: "cross", tone: "trouble" } };
  }
}
