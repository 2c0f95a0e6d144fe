// What the page knows, and how each thing it hears changes that. Pure: no clock, no connection.

import type { ApiError, DialogueLine, Event, PokeView, Snapshot } from "./api";

/** How things stand between the page and the engine. */
export type Link = "starting" | "ready" | "gone";

/** What has been said in a poke under way, or in the one by hand that has just ended. */
export type Live = { lines: DialogueLine[]; ended: PokeView | null };

/** The pokes of the past that have been fetched, newest first. */
export type Pages = {
  /** Of one account, or of all. */
  account: string | null;
  pokes: PokeView[];
  /** Whether older ones exist. */
  more: boolean;
};

export type State = {
  link: Link;
  /** Why there is no engine, where that is known. */
  fault: ApiError | null;
  snapshot: Snapshot | null;
  /** By the account's name. */
  live: Record<string, Live>;
  /** `null` until somebody looks at them, and when they have to be fetched anew. */
  pages: Pages | null;
  /** The last outcome, for those who hear the page instead of seeing it. */
  heard: { account: string; explanation: string } | null;
  /** How many notices have come while the page was there. */
  notices: number;
};

export const START: State = {
  link: "starting",
  fault: null,
  snapshot: null,
  live: {},
  pages: null,
  heard: null,
  notices: 0,
};

/** What the page hears: the engine's events, and the answers to its own requests. */
export type Heard =
  | Event
  | { type: "snapshot"; snapshot: Snapshot }
  | { type: "no-engine"; fault: ApiError }
  | { type: "page"; account: string | null; pokes: PokeView[]; more: boolean; first: boolean }
  | { type: "hide-live"; account: string };

export function reduce(state: State, heard: Heard): State {
  switch (heard.type) {
    case "snapshot":
    case "changed":
      return withSnapshot(state, heard.snapshot);
    case "account": {
      if (!state.snapshot) return state;
      const accounts = state.snapshot.accounts.map((account) =>
        account.name === heard.account.name ? heard.account : account,
      );
      return { ...state, snapshot: { ...state.snapshot, accounts, health: heard.health, poking: heard.poking } };
    }
    case "dialogue": {
      const before = state.live[heard.account];
      const lines = before && !before.ended ? before.lines : [];
      const live = { lines: [...lines, heard.line], ended: null };
      return { ...state, live: { ...state.live, [heard.account]: live } };
    }
    case "poked":
      return {
        ...state,
        live: afterPoke(state.live, heard.poke),
        pages: withPoke(state.pages, heard.poke),
        heard: { account: heard.poke.account || heard.poke.host, explanation: heard.poke.explanation },
      };
    case "poke-completed": {
      const pages = state.pages?.pokes.some((poke) => poke.id === heard.poke.id)
        ? withPoke(state.pages, heard.poke)
        : state.pages;
      return { ...state, pages, snapshot: state.snapshot && completed(state.snapshot, heard.poke) };
    }
    case "page": {
      const before = heard.first ? [] : (state.pages?.pokes ?? []);
      const pokes = merge(before, heard.pokes);
      const more = heard.more && heard.pokes.some((poke) => poke.id > 0);
      return { ...state, pages: { account: heard.account, pokes, more } };
    }
    case "hide-live":
      return { ...state, live: without(state.live, heard.account) };
    case "gone":
      return { ...state, link: "gone", fault: null, live: {} };
    case "no-engine":
      return { ...state, link: "gone", fault: heard.fault, live: {} };
    case "missed":
      // The lines in between are lost, and so may be pokes: what was fetched is fetched again.
      return { ...state, live: {}, pages: null };
    case "finding":
      // Nobody looks at a diagnosis here yet.
      return state;
    case "notice":
      return { ...state, notices: state.notices + 1 };
    case "show-window":
    case "close-window":
      // For the tray and for the shell.
      return state;
  }
}

function withSnapshot(state: State, snapshot: Snapshot): State {
  const names = new Set(snapshot.accounts.map((account) => account.name));
  const live = Object.fromEntries(Object.entries(state.live).filter(([name]) => names.has(name)));
  const demoEnded = state.snapshot?.demo === true && !snapshot.demo;
  const spoken = state.snapshot?.general.language_in_use ?? snapshot.general.language_in_use;
  // A demo takes its pokes along; another language words the old ones anew.
  const stale = demoEnded || spoken !== snapshot.general.language_in_use;
  return { ...state, link: "ready", fault: null, snapshot, live, pages: stale ? null : state.pages };
}

/** A poke by hand keeps its lines in view until they are put away; others end with the poke. */
function afterPoke(live: Record<string, Live>, poke: PokeView): Record<string, Live> {
  const before = live[poke.account];
  if (!before) return live;
  if (poke.trigger !== "user") return without(live, poke.account);
  return { ...live, [poke.account]: { lines: before.lines, ended: poke } };
}

/** The poke in the place of the same one that was an account's last. */
function completed(snapshot: Snapshot, poke: PokeView): Snapshot {
  const accounts = snapshot.accounts.map((account) =>
    account.name === poke.account && account.last?.id === poke.id ? { ...account, last: poke } : account,
  );
  return { ...snapshot, accounts };
}

function withPoke(pages: Pages | null, poke: PokeView): Pages | null {
  if (!pages || poke.id === 0) return pages;
  if (pages.account !== null && pages.account !== poke.account) return pages;
  return { ...pages, pokes: merge(pages.pokes, [poke]) };
}

/** Both lists as one, each poke once, newest first. */
function merge(some: PokeView[], others: PokeView[]): PokeView[] {
  const byId = new Map([...some, ...others].map((poke) => [poke.id, poke]));
  // By time, since the demo's ids are below zero and count down.
  const began = (poke: PokeView) => Date.parse(poke.started_at);
  return [...byId.values()].sort((a, b) => began(b) - began(a) || Math.abs(b.id) - Math.abs(a.id));
}

/** The poke below which the next page begins: the oldest at hand that is not the demo's. */
export function oldest(pages: Pages | null): number | null {
  const ids = (pages?.pokes ?? []).map((poke) => poke.id).filter((id) => id > 0);
  return ids.length > 0 ? Math.min(...ids) : null;
}

function without(live: Record<string, Live>, account: string): Record<string, Live> {
  const { [account]: _, ...rest } = live;
  return rest;
}
