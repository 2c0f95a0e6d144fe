// The way to the engine inside the desktop window: Tauri's IPC. Events are fetched, once a picture at
// most: what comes faster is gathered by the shell, which leaves out what is superseded.

import { invoke } from "@tauri-apps/api/core";
import type { Event, Response } from "../api";
import { withPicture } from "../picture";
import { Refusal, type Transport } from "./transport";

/** macOS asks for an administrator in no such way. */
const HAS_ADMINISTRATORS = !navigator.userAgent.includes("Macintosh");

export function tauri(): Transport {
  return {
    async request(request) {
      try {
        return await invoke<Response>("request", { request });
      } catch (thrown) {
        throw Refusal.from(thrown);
      }
    },
    async save(name, text) {
      return invoke<string>("save", { name, text });
    },
    async subscribe(hear) {
      void fetchEvents(hear);
    },
    asAdministrator: HAS_ADMINISTRATORS
      ? async () => {
          try {
            await invoke("change_as_administrator");
          } catch (thrown) {
            throw Refusal.from(thrown);
          }
        }
      : undefined,
  };
}

/** For as long as the window is there. */
async function fetchEvents(hear: (event: Event) => void): Promise<void> {
  for (;;) {
    for (const event of await invoke<Event[]>("events")) hear(event);
    await new Promise<void>((drawn) => void withPicture(drawn));
  }
}
