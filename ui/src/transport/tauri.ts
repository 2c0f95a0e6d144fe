// The way to the engine inside the desktop window: Tauri's IPC. Events are fetched, once a picture at
// most: what comes faster is gathered by the shell, which leaves out what is superseded.

import { invoke } from "@tauri-apps/api/core";
import type { Event, Response } from "../api";
import { Refusal, type Transport } from "./transport";

/** Of a window that nobody sees no picture is drawn. */
const UNSEEN = 1000;

/** The next picture. */
const picture = () =>
  new Promise((drawn) => {
    requestAnimationFrame(drawn);
    setTimeout(drawn, UNSEEN);
  });

export function tauri(): Transport {
  return {
    async request(request) {
      try {
        return await invoke<Response>("request", { request });
      } catch (thrown) {
        throw Refusal.from(thrown);
      }
    },
    async subscribe(hear) {
      void fetchEvents(hear);
    },
  };
}

/** For as long as the window is there. */
async function fetchEvents(hear: (event: Event) => void): Promise<void> {
  for (;;) {
    for (const event of await invoke<Event[]>("events")) hear(event);
    await picture();
  }
}
