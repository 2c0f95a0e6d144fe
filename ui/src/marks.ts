// How states and outcomes look: always a shape as well as a colour.

import type { Outcome, Health } from "./api";

export type Tone = "good" | "busy" | "trouble" | "calm" | "quiet";
export type Shape = "check" | "arrow" | "alert" | "pause" | "ring" | "cross" | "question" | "dash" | "wave" | "info";
export type Look = { shape: Shape; tone: Tone };

export const HEALTH: Record<Health | "waiting", Look> = {
  ok: { shape: "check", tone: "good" },
  waiting: { shape: "ring", tone: "busy" },
  poking: { shape: "arrow", tone: "busy" },
  trouble: { shape: "alert", tone: "trouble" },
  paused: { shape: "pause", tone: "calm" },
  "not-set-up": { shape: "ring", tone: "quiet" },
};

export const OUTCOME: Record<Outcome, Look> = {
  started: { shape: "check", tone: "good" },
  "nothing-waiting": { shape: "dash", tone: "good" },
  delivered: { shape: "check", tone: "good" },
  signalled: { shape: "wave", tone: "good" },
  refused: { shape: "cross", tone: "trouble" },
  unreachable: { shape: "alert", tone: "trouble" },
  unknown: { shape: "question", tone: "calm" },
  held: { shape: "pause", tone: "calm" },
  failed: { shape: "cross", tone: "trouble" },
};
