// What the page knows, and how each thing it hears changes that. Pure: no clock, no connection.

import type { AccountView, ApiError, DialogueLine, Event, PokeView, Snapshot, Health } from "./api";

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

/** Pokes of the past that are kept at hand without anybody asking for more. */
const AT_HAND = 200;
/** Dialogues of pokes that have ended which are kept in view: of many that end at once, nobody reads all. */
const IN_VIEW = 50;

export type State = {
  link: Link;
  /** Why there is no engine, where that is known. */
  fault: ApiError | null;
  snapshot: Snapshot | null;
  /** Where each account stands in the snapshot, by name. */
  places: ReadonlyMap<string, number>;
  /** By the account's name. */
  live: Record<string, Live>;
  /** `null` until somebody looks at them, and when they have to be fetched anew. */
  pages: Pages | null;
  /** How many notices have come while the page was there. */
  notices: number;
};

export const START: State = {
  link: "starting",
  fault: null,
  snapshot: null,
  places: new Map(),
  live: {},
  pages: null,
  notices: 0,
};

/** What the page hears: the engine's events, and the answers to its own requests. */
export type Heard =
  | Event
  | { type: "snapshot"; snapshot: Snapshot }
  | { type: "no-engine"; fault: ApiError }
  | { type: "page"; account: string | null; pokes: PokeView[]; more: boolean; first: boolean }
  | { type: "hide-live"; account: string };

/** What the page knows after one more thing. */
export function reduce(state: State, heard: Heard): State {
  return reduceAll(state, [heard]);
}

/**
 * What it knows after several, as they come between two pictures of the screen. Lists are copied once
 * for all of them, not once for each.
 */
export function reduceAll(state: State, heard: readonly Heard[]): State {
  const draft = new Draft(state);
  for (const each of heard) draft.hear(each);
  return draft.state();
}

/** A state that is being changed. What has not been copied yet is still somebody else's. */
class Draft {
  #state: State;
  #accounts: AccountView[] | null = null;
  #live: Record<string, Live> | null = null;
  /** Pokes that are not in the pages yet. */
  #ended: PokeView[] = [];

  constructor(state: State) {
    this.#state = state;
  }

  state(): State {
    this.#settle();
    return this.#state;
  }

  /** Puts what was copied in its place. */
  #settle() {
    const { snapshot, pages } = this.#state;
    if (snapshot && this.#accounts) this.#set({ snapshot: { ...snapshot, accounts: this.#accounts } });
    if (this.#live) this.#set({ live: withoutOldest(this.#live) });
    if (this.#ended.length > 0) this.#set({ pages: withPokes(pages, this.#ended) });
    this.#accounts = null;
    this.#live = null;
    this.#ended = [];
  }

  #set(change: Partial<State>) {
    this.#state = { ...this.#state, ...change };
  }

  hear(heard: Heard) {
    switch (heard.type) {
      case "account":
        this.#account(heard.account, heard);
        return;
      case "dialogue": {
        const live = this.#ownLive();
        const before = live[heard.account];
        const lines = before && !before.ended ? before.lines : [];
        live[heard.account] = { lines: [...lines, heard.line], ended: null };
        return;
      }
      case "poked":
        this.#poked(heard.poke);
        return;
      case "poke-completed":
        this.#completed(heard.poke);
        return;
      case "hide-live":
        delete this.#ownLive()[heard.account];
        return;
      default:
        this.#settle();
        this.#state = apply(this.#state, heard);
    }
  }

  #account(account: AccountView, { health, poking }: { health: Health; poking: number }) {
    const { snapshot, places } = this.#state;
    if (!snapshot) return;
    if (snapshot.health !== health || snapshot.poking !== poking) this.#set({ snapshot: { ...snapshot, health, poking } });
    const place = places.get(account.name);
    // One that is not known comes with the whole state.
    if (place !== undefined) this.#ownAccounts(snapshot)[place] = account;
  }

  /** A poke by hand keeps its lines in view until they are put away; others end with the poke. */
  #poked(poke: PokeView) {
    const before = (this.#live ?? this.#state.live)[poke.account];
    if (before) {
      const live = this.#ownLive();
      delete live[poke.account];
      // Behind those that ended earlier.
      if (poke.trigger === "user") live[poke.account] = { lines: before.lines, ended: poke };
    }
    if (this.#state.pages) this.#ended.push(poke);
  }

  /** In the place of the same poke among those fetched, and where it is an account's last. */
  #completed(poke: PokeView) {
    const { snapshot, pages, places } = this.#state;
    const isThis = ({ id }: PokeView) => id === poke.id;
    if (pages?.pokes.some(isThis) || this.#ended.some(isThis)) this.#ended.push(poke);
    const place = places.get(poke.account);
    if (!snapshot || place === undefined) return;
    const account = (this.#accounts ?? snapshot.accounts)[place];
    if (account?.last?.id === poke.id) this.#ownAccounts(snapshot)[place] = { ...account, last: poke };
  }

  #ownAccounts(snapshot: Snapshot): AccountView[] {
    this.#accounts ??= [...snapshot.accounts];
    return this.#accounts;
  }

  #ownLive(): Record<string, Live> {
    this.#live ??= { ...this.#state.live };
    return this.#live;
  }
}

/** What concerns more than one account. */
function apply(state: State, heard: Exclude<Heard, { type: "account" | "dialogue" | "poked" | "poke-completed" | "hide-live" }>): State {
  switch (heard.type) {
    case "snapshot":
    case "changed":
      return withSnapshot(state, heard.snapshot);
    case "page": {
      const before = heard.first ? [] : (state.pages?.pokes ?? []);
      const pokes = merge(before, heard.pokes);
      const more = heard.more && heard.pokes.some((poke) => poke.id > 0);
      return { ...state, pages: { account: heard.account, pokes, more } };
    }
    case "gone":
      // Why there is none may have been heard before.
      return { ...state, link: "gone", live: {} };
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
    case "end":
    case "moved":
      // For the tray and for the shell.
      return state;
  }
}

function withSnapshot(state: State, snapshot: Snapshot): State {
  const places = new Map(snapshot.accounts.map((account, place) => [account.name, place]));
  const live = Object.fromEntries(Object.entries(state.live).filter(([name]) => places.has(name)));
  const demoEnded = state.snapshot?.demo === true && !snapshot.demo;
  const spoken = state.snapshot?.general.language_in_use ?? snapshot.general.language_in_use;
  // A demo takes its pokes along; another language words the old ones anew.
  const stale = demoEnded || spoken !== snapshot.general.language_in_use;
  return { ...state, link: "ready", fault: null, snapshot, places, live, pages: stale ? null : state.pages };
}

/** Without the dialogues that ended first, where there are too many. */
function withoutOldest(live: Record<string, Live>): Record<string, Live> {
  const ended = Object.keys(live).filter((account) => live[account]?.ended);
  for (const account of ended.slice(0, Math.max(ended.length - IN_VIEW, 0))) delete live[account];
  return live;
}

/** With pokes that have just ended; the oldest make room for them, and are fetched again when asked for. */
function withPokes(pages: Pages | null, ended: PokeView[]): Pages | null {
  if (!pages) return pages;
  const wanted = ended.filter((poke) => poke.id !== 0 && (pages.account === null || pages.account === poke.account));
  if (wanted.length === 0) return pages;
  const pokes = merge(pages.pokes, wanted);
  const room = Math.max(pages.pokes.length, AT_HAND);
  if (pokes.length <= room) return { ...pages, pokes };
  return { ...pages, pokes: pokes.slice(0, room), more: true };
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
