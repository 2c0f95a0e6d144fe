// How states and outcomes look: always a shape as well as a colour. What an account's state is called,
// looks like and comes before is decided here and nowhere else.

import type { AccountView, Outcome, Health } from "./api";

export type Tone = "good" | "busy" | "trouble" | "calm" | "quiet";
export type Shape = "check" | "arrow" | "alert" | "pause" | "ring" | "cross" | "question" | "dash" | "wave" | "info";
export type Look = { shape: Shape; tone: Tone };

/** How an account stands: the end of a key of the texts, `health-…`. Being poked is no such state. */
export type Standing = Exclude<Health, "poking"> | "waiting" | "proved" | "asked" | "needs-you";

export const HEALTH: Record<Standing, Look> = {
  ok: { shape: "check", tone: "good" },
  proved: { shape: "check", tone: "good" },
  asked: { shape: "wave", tone: "quiet" },
  "needs-you": { shape: "info", tone: "calm" },
  waiting: { shape: "ring", tone: "busy" },
  trouble: { shape: "alert", tone: "trouble" },
  paused: { shape: "pause", tone: "calm" },
  "not-set-up": { shape: "ring", tone: "quiet" },
};

/** How it stands, whether or not it is being poked. */
export function standing(account: AccountView): Standing {
  const { health } = account;
  if (account.waiting) return "waiting";
  if (health !== "poking") return health;
  if (account.failures > 0) return "trouble";
  return account.last ? "ok" : "waiting";
}

/** Whether a poke is under way. */
export function poking(account: AccountView): boolean {
  return account.health === "poking";
}

/** That it is: a mark beside the state, in place of none. */
export const POKING: Look = { shape: "arrow", tone: "busy" };

/** Why the next poke is when it is; `null` where there is nothing to say. */
export function nextReason(account: AccountView & { next_reason_words?: string | null }): string | null {
  return account.next_reason_words ?? null;
}

/** What arrived today; `null` where that is not known. */
export function arrivedToday(account: AccountView & { arrived_today_words?: string | null }): string | null {
  return account.arrived_today_words ?? null;
}

/** What comes first: trouble, then what needs somebody, then everything else. */
export function urgency(account: AccountView): 0 | 1 | 2 {
  const stands = standing(account);
  if (stands === "trouble") return 0;
  return stands === "needs-you" ? 1 : 2;
}

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
