// Which accounts are shown, and in which order. Pure but for what it remembers of the last time, so
// that an event about one of ten thousand accounts does not look at the others' texts again.

import type { AccountView } from "./api";
import { collator } from "./formatters";
import { urgency } from "./marks";
import { setting } from "./setting";

/** So many accounts are a handful: each is told in full, and there is nothing to search or filter. */
export const FEW = 6;

export const FILTERS = ["all", "trouble", "needs-you", "paused"] as const;
export const SORTS = ["urgency", "name", "last"] as const;
export type Filter = (typeof FILTERS)[number];
export type Sort = (typeof SORTS)[number];
export type Query = { filter: Filter; search: string; sort: Sort };

export type Ranking = {
  /** Places among the accounts, in the order to show them. The same array as long as it holds. */
  shown: readonly number[];
  counts: Readonly<Record<Filter, number>>;
};

/** What decides about an account, kept until its view is another. */
type Entry = { account: AccountView; urgency: number; kind: Filter | null; last: number; text: string };

/** The words to look for; each must be found. */
function terms(search: string): string[] {
  return plain(search).split(/\s+/).filter(Boolean);
}

/** Without capitals and accents. */
function plain(text: string): string {
  return text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();
}

function textOf(account: AccountView): string {
  return plain([account.name, setting(account, "host"), setting(account, "domains")].join("\n"));
}

function sameText(one: AccountView, other: AccountView): boolean {
  const same = (key: string) => setting(one, key) === setting(other, key);
  return one.name === other.name && same("host") && same("domains");
}

function kindOf({ health }: AccountView): Filter | null {
  return health === "trouble" || health === "needs-you" || health === "paused" ? health : null;
}

export class Roster {
  #entries: Entry[] = [];
  #query: Query | null = null;
  #locale = "";
  #byName: number[] | null = null;
  #ranking: Ranking = { shown: [], counts: { all: 0, trouble: 0, "needs-you": 0, paused: 0 } };

  /** @param locale Whose order of names counts. */
  rank(accounts: readonly AccountView[], query: Query, locale: string): Ranking {
    const before = this.#query;
    let reorder = before === null || before.filter !== query.filter || before.sort !== query.sort || before.search !== query.search;
    if (locale !== this.#locale) {
      this.#locale = locale;
      this.#byName = null;
      reorder ||= query.sort === "name";
    }
    this.#query = { ...query };

    const counts = { ...this.#ranking.counts };
    let counted = false;
    const count = (entry: Entry | undefined, by: 1 | -1) => {
      if (!entry) return;
      counted = true;
      counts.all += by;
      if (entry.kind) counts[entry.kind] += by;
    };
    for (const gone of this.#entries.splice(accounts.length)) {
      count(gone, -1);
      reorder = true;
    }
    for (const [place, account] of accounts.entries()) {
      const known = this.#entries[place];
      // Nearly always: looking costs less than being told which ones have changed.
      if (known?.account === account) continue;
      const text = known && sameText(known.account, account) ? known.text : textOf(account);
      const last = account.last ? Date.parse(account.last.started_at) : Number.NEGATIVE_INFINITY;
      const entry = { account, urgency: urgency(account), kind: kindOf(account), last, text };
      this.#entries[place] = entry;
      if (known?.kind !== entry.kind || !known) {
        count(known, -1);
        count(entry, 1);
        reorder ||= query.filter !== "all";
      }
      if (!known || known.account.name !== account.name) this.#byName = null;
      reorder ||= !known || known.text !== text;
      reorder ||= query.sort === "urgency" && known?.urgency !== entry.urgency;
      reorder ||= query.sort === "last" && known?.last !== last;
    }
    if (reorder) this.#ranking = { shown: this.#order(query), counts };
    else if (counted) this.#ranking = { shown: this.#ranking.shown, counts };
    return this.#ranking;
  }

  #order({ filter, search, sort }: Query): number[] {
    const wanted = terms(search);
    const entry = (place: number) => this.#entries[place] as Entry;
    const isShown = (place: number) => {
      const { kind, text } = entry(place);
      return (filter === "all" || kind === filter) && wanted.every((term) => text.includes(term));
    };
    const shown = (sort === "name" ? this.#names() : this.#entries.map((_, place) => place)).filter(isShown);
    if (sort === "last") return shown.sort((a, b) => entry(b).last - entry(a).last || a - b);
    if (sort === "urgency") return [0, 1, 2].flatMap((rank) => shown.filter((place) => entry(place).urgency === rank));
    return shown;
  }

  #names(): number[] {
    const compare = collator(this.#locale).compare;
    const name = (place: number) => (this.#entries[place] as Entry).account.name;
    this.#byName ??= this.#entries.map((_, place) => place).sort((a, b) => compare(name(a), name(b)) || a - b);
    return this.#byName;
  }
}
