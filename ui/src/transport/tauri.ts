// The way to the engine inside the desktop window: Tauri's IPC. The shell hands over events in
// batches, without those that a later one supersedes.

import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { Event, Response } from "../api";
import { Refusal, type Transport } from "./transport";

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
      await listen<Event[]>("engine-events", ({ payload }) => {
        for (const event of payload) hear(event);
      });
    },
  };
}
