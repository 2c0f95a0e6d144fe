// How the mail server stood before a poke: shortly, and in the engine's own sentence. Pure.

import type { MailServerState } from "./api";
import { USUAL_MAIL_SERVER } from "./form";
import type { Look } from "./marks";

/** A sentence as its key and its values. */
export type Sentence = { key: string; values: Record<string, string> };

/** A server's host and port as they are entered; empty stands for this machine's. */
export function serverOf(text: string): { host: string; port: string } {
  const [, host = "", port = "25"] = (text || USUAL_MAIL_SERVER).match(/^(.*?)(?::(\d+))?$/) ?? [];
  return { host: host.replace(/^\[(.*)\]$/, "$1"), port };
}

/** As `MailServerState::explain` of the engine; `mailServer` as in the settings. */
export function sentence(state: MailServerState, mailServer: string): Sentence {
  const { state: name, ...values } = state;
  return { key: `mail-server-${name}`, values: { ...serverOf(mailServer), ...values } };
}

/** How it looks, and a word or two; `null` where only the whole sentence tells what it means for the mail. */
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
