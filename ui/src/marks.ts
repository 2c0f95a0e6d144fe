// How states and outcomes look: always a shape as well as a colour. What an account's state looks like
// and comes before is decided here and nowhere else; its words are `health-…` of the texts.

import type { AccountView, Health, NoticeKind, Outcome } from "./api";

export type Tone = "good" | "busy" | "trouble" | "calm" | "quiet";
export type Shape = "check" | "arrow" | "alert" | "pause" | "ring" | "cross" | "question" | "dash" | "wave" | "info";
export type Look = { shape: Shape; tone: Tone };

/** Green is what was proved, and nothing else. */
export const HEALTH: Record<Health, Look> = {
  trouble: { shape: "alert", tone: "trouble" },
  "needs-you": { shape: "question", tone: "calm" },
  asked: { shape: "wave", tone: "quiet" },
  waiting: { shape: "ring", tone: "quiet" },
  proved: { shape: "check", tone: "good" },
  paused: { shape: "pause", tone: "calm" },
  "not-set-up": { shape: "ring", tone: "quiet" },
};

/** What became of each notice's account; that it works again is no proof. */
export const NOTICE: Record<NoticeKind, Look> = {
  "first-success": { shape: "info", tone: "busy" },
  failure: { shape: "alert", tone: "trouble" },
  reminder: { shape: "alert", tone: "trouble" },
  recovery: { shape: "check", tone: "quiet" },
  poked: { shape: "info", tone: "quiet" },
  alarm: { shape: "info", tone: "calm" },
  "alarm-over": { shape: "check", tone: "quiet" },
  paused: { shape: "pause", tone: "calm" },
  summary: { shape: "info", tone: "quiet" },
  trial: { shape: "info", tone: "quiet" },
};

/** Beside a state: a poke is under way. */
export const POKING: Look = { shape: "arrow", tone: "busy" };

/** What comes first: trouble, then what needs somebody, then everything else. */
export function urgency({ health }: AccountView): 0 | 1 | 2 {
  if (health === "trouble") return 0;
  return health === "needs-you" ? 1 : 2;
}

const OUTCOME: Record<Outcome, Look> = {
  started: { shape: "check", tone: "quiet" },
  "nothing-waiting": { shape: "dash", tone: "good" },
  delivered: { shape: "check", tone: "good" },
  signalled: { shape: "wave", tone: "quiet" },
  refused: { shape: "cross", tone: "trouble" },
  unreachable: { shape: "alert", tone: "trouble" },
  unknown: { shape: "question", tone: "calm" },
  held: { shape: "pause", tone: "calm" },
  failed: { shape: "cross", tone: "trouble" },
};

/** How an outcome looks: a promise of delivery is green only where the poke proves that mail gets through. */
export function outcomeLook(outcome: Outcome, proves: boolean): Look {
  const look = OUTCOME[outcome];
  return proves && look.tone === "quiet" ? { ...look, tone: "good" } : look;
}
