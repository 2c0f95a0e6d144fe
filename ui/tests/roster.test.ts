// Which accounts are shown, in which order, and that events about others change nothing.

import { beforeEach, describe, expect, test } from "vitest";
import type { AccountView } from "../src/api";
import { type Query, Roster } from "../src/roster";
import { account, at, poke } from "./samples";

const EVERYTHING: Query = { filter: "all", search: "", sort: "urgency" };
const trouble = { health: "trouble", failures: 2 } as const;
const ACCOUNTS = [
  account({ name: "office 10", last: poke(1, { started_at: at(-500) }) }, { host: "bsmtp.vevida.com", domains: "example.net, één.example" }),
  account({ name: "Zeist", health: "paused", paused: true, last: null }, { host: "mx.test" }),
  account({ name: "office 2", ...trouble, last: poke(2, { started_at: at(-100) }) }),
  account({ name: "béta", health: "asked", last: poke(3, { started_at: at(-300) }) }),
  account({ name: "alpha", ...trouble, last: poke(4, { started_at: at(-50) }) }),
];

let roster: Roster;
const names = (accounts: AccountView[], query: Partial<Query>) =>
  roster.rank(accounts, { ...EVERYTHING, ...query }, "en-GB").shown.map((place) => accounts[place]?.name);

beforeEach(() => {
  roster = new Roster();
});

describe("the order", () => {
  test("has trouble first, each kind as in the file", () => {
    expect(names(ACCOUNTS, {})).toEqual(["office 2", "alpha", "office 10", "Zeist", "béta"]);
  });

  test("by name is a person's: numbers by size, accents and capitals aside", () => {
    expect(names(ACCOUNTS, { sort: "name" })).toEqual(["alpha", "béta", "office 2", "office 10", "Zeist"]);
  });

  test("by last poke has the newest first, and who was never poked last", () => {
    expect(names(ACCOUNTS, { sort: "last" })).toEqual(["alpha", "office 2", "béta", "office 10", "Zeist"]);
  });
});

describe("what is shown", () => {
  test("is what the count says", () => {
    const { counts } = roster.rank(ACCOUNTS, EVERYTHING, "en-GB");
    expect(counts).toEqual({ all: 5, trouble: 2, "needs-you": 0, paused: 1 });
    expect(names(ACCOUNTS, { filter: "trouble" })).toEqual(["office 2", "alpha"]);
    expect(names(ACCOUNTS, { filter: "paused" })).toEqual(["Zeist"]);
    expect(names(ACCOUNTS, { filter: "needs-you" })).toEqual([]);
  });

  test.each([
    ["OFFICE", ["office 2", "office 10"]],
    ["vevida", ["office 10"]],
    ["een.ex", ["office 10"]],
    ["mx.test", ["Zeist"]],
    ["office net", ["office 2", "office 10"]],
    ["2  office ", ["office 2"]],
    ["beta", ["béta"]],
    ["nowhere", []],
  ])("has %s in its name, host or domains", (search, found) => {
    expect(names(ACCOUNTS, { search })).toEqual(found);
  });

  test("takes filter and search together", () => {
    expect(names(ACCOUNTS, { search: "office", filter: "trouble" })).toEqual(["office 2"]);
  });
});

describe("an event about one account", () => {
  const with_ = (place: number, change: Partial<AccountView>) =>
    ACCOUNTS.map((each, at) => (at === place ? { ...each, ...change } : each));
  const rank = (accounts: AccountView[], query: Partial<Query> = {}) => roster.rank(accounts, { ...EVERYTHING, ...query }, "en-GB");

  test("leaves the order as the same list where it does not touch it", () => {
    const before = rank(ACCOUNTS);
    expect(rank(with_(0, { last: poke(9, { started_at: at(10) }) }))).toBe(before);
    expect(rank(with_(3, { last_arrival_at: at(1) }))).toBe(before);
  });

  test("moves it to the front as soon as it is in trouble, and counts it", () => {
    rank(ACCOUNTS);
    const { shown, counts } = rank(with_(0, { ...trouble }));
    expect(shown).toEqual([0, 2, 4, 1, 3]);
    expect(counts.trouble).toBe(3);
    expect(rank(ACCOUNTS).counts.trouble).toBe(2);
  });

  test("that is being poked moves it nowhere", () => {
    const before = rank(ACCOUNTS);
    expect(rank(with_(2, { poking: true }))).toBe(before);
  });

  test("keeps the order by name, and changes the one by last poke", () => {
    const { shown } = rank(ACCOUNTS, { sort: "name" });
    const poked = with_(0, { ...trouble, last: poke(9, { started_at: at(10) }) });
    expect(rank(poked, { sort: "name" }).shown).toBe(shown);
    expect(rank(ACCOUNTS, { sort: "last" }).shown[0]).toBe(4);
    expect(rank(poked, { sort: "last" }).shown[0]).toBe(0);
  });

  test("brings it under a filter, and takes it away", () => {
    expect(rank(ACCOUNTS, { filter: "trouble" }).shown).toEqual([2, 4]);
    expect(rank(with_(4, { health: "proved", failures: 0 }), { filter: "trouble" }).shown).toEqual([2]);
  });

  test("finds it by its new host", () => {
    expect(rank(ACCOUNTS, { search: "moved" }).shown).toEqual([]);
    expect(rank(with_(1, { fields: { host: "moved.test" } }), { search: "moved" }).shown).toEqual([1]);
  });
});

test("accounts that come, go and change places are followed", () => {
  expect(names(ACCOUNTS, { sort: "name" })).toHaveLength(5);
  const [first, second] = ACCOUNTS as [AccountView, AccountView];
  expect(names([second, first], { sort: "name" })).toEqual(["office 10", "Zeist"]);
  expect(roster.rank([second, first], EVERYTHING, "en-GB").counts).toEqual({ all: 2, trouble: 0, "needs-you": 0, paused: 1 });
  expect(names(ACCOUNTS, { sort: "name" })).toHaveLength(5);
});
