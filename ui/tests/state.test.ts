// Each thing the page hears, and what it knows afterwards.

import { describe, expect, test } from "vitest";
import cases from "../../crates/api/tests/apply.json";
import type { DialogueLine, Snapshot } from "../src/api";
import { type Heard, oldest, reduce, START, type State } from "../src/state";
import { account, at, general, poke, refusal, snapshot } from "./samples";

const hear = (...heard: Heard[]): State => heard.reduce(reduce, START);
const line = (text: string): DialogueLine => ({ from: "us", at_ms: 1, line: text });
const page = (ids: number[], more: Partial<Heard & { type: "page" }> = {}): Heard => ({
  type: "page",
  account: null,
  // A poke a minute; the demo's ids are below zero.
  pokes: ids.map((id) => poke(id, { started_at: at(60 * Math.abs(id)) })),
  more: true,
  first: true,
  ...more,
});
const ids = (state: State) => state.pages?.pokes.map((one) => one.id);

// The engine's other clients merge events by the same cases.
describe("an event in the snapshot", () => {
  const before = cases.before as unknown as Snapshot;

  for (const { name, event, after } of cases.cases) {
    test(name, () => {
      const state = hear({ type: "snapshot", snapshot: before }, event as unknown as Heard);
      const expected = structuredClone(cases.before) as unknown;
      for (const [pointer, value] of Object.entries(after)) set(expected, pointer, value);
      expect(state.snapshot).toEqual(expected);
    });
  }

  type Node = Record<string, unknown>;

  /** Puts a value where a JSON pointer points. */
  function set(root: unknown, pointer: string, value: unknown) {
    const path = pointer.split("/").slice(1);
    const last = path.pop() ?? "";
    const parent = path.reduce((node, key) => node[key] as Node, root as Node);
    parent[last] = value;
  }
});

describe("the whole state", () => {
  test("a snapshot makes the page ready, and ends a fault", () => {
    const state = hear({ type: "no-engine", fault: refusal() }, { type: "snapshot", snapshot: snapshot() });
    expect(state.link).toBe("ready");
    expect(state.fault).toBeNull();
    expect(state.snapshot).toEqual(snapshot());
  });

  test("a change takes its place", () => {
    const state = hear({ type: "snapshot", snapshot: snapshot() }, { type: "changed", snapshot: snapshot({ paused: true }) });
    expect(state.snapshot?.paused).toBe(true);
  });

  test("a change forgets what was said to an account that is gone", () => {
    const state = hear(
      { type: "snapshot", snapshot: snapshot() },
      { type: "dialogue", account: "vevida", line: line("QUIT") },
      { type: "changed", snapshot: snapshot({ accounts: [account({ name: "other" })] }) },
    );
    expect(state.live).toEqual({});
  });

  test("an account takes its own place, and the whole health with it", () => {
    const two = snapshot({ accounts: [account(), account({ name: "other" })] });
    const failing = account({ health: "trouble", failures: 2 });
    const state = hear({ type: "snapshot", snapshot: two }, { type: "account", account: failing, health: "trouble", poking: 0 });
    expect(state.snapshot?.accounts).toEqual([failing, account({ name: "other" })]);
    expect(state.snapshot?.health).toBe("trouble");
  });

  test("an account before the snapshot changes nothing", () => {
    expect(hear({ type: "account", account: account(), health: "proved", poking: 0 })).toBe(START);
  });

  test("an engine that ends leaves what was known in view", () => {
    const state = hear({ type: "snapshot", snapshot: snapshot() }, { type: "gone" });
    expect(state.link).toBe("gone");
    expect(state.snapshot).toEqual(snapshot());
  });

  test("an engine that cannot be had says why", () => {
    const fault = refusal({ code: "engine-gone", message: "It is not there." });
    expect(hear({ type: "no-engine", fault }).fault).toEqual(fault);
    // The request may be refused before the event that tells of it comes, or after.
    expect(hear({ type: "no-engine", fault }, { type: "gone" }).fault).toEqual(fault);
    expect(hear({ type: "gone" }, { type: "no-engine", fault }).fault).toEqual(fault);
    const back = hear({ type: "no-engine", fault }, { type: "snapshot", snapshot: snapshot() }, { type: "gone" });
    expect(back.fault).toBeNull();
  });
});

describe("a poke under way", () => {
  const first: Heard = { type: "dialogue", account: "vevida", line: line("EHLO me") };
  const second: Heard = { type: "dialogue", account: "vevida", line: line("QUIT") };

  test("its lines come one after the other", () => {
    const state = hear(first, { type: "dialogue", account: "other", line: line("HELO") }, second);
    expect(state.live.vevida?.lines.map((said) => said.line)).toEqual(["EHLO me", "QUIT"]);
    expect(state.live.other?.lines).toHaveLength(1);
  });

  test("one by hand leaves its lines in view until they are put away", () => {
    const ended = poke(5, { trigger: "user" });
    const state = hear(first, second, { type: "poked", poke: ended });
    expect(state.live.vevida).toMatchObject({ ended, lines: [{ line: "EHLO me" }, { line: "QUIT" }] });
    expect(reduce(state, { type: "hide-live", account: "vevida" }).live).toEqual({});
  });

  test("the next one begins anew", () => {
    const state = hear(first, { type: "poked", poke: poke(5, { trigger: "user" }) }, second);
    expect(state.live.vevida).toEqual({ lines: [line("QUIT")], ended: null });
  });

  test("of many by hand, those that ended last stay in view, and all that are under way", () => {
    const accounts = Array.from({ length: 120 }, (_, n) => `account ${n}`);
    const said: Heard[] = accounts.map((account) => ({ type: "dialogue", account, line: line("QUIT") }));
    // The last to be spoken to is the first to end.
    const ended: Heard[] = accounts
      .slice(0, 100)
      .toReversed()
      .map((account, n) => ({ type: "poked", poke: poke(n + 1, { account, trigger: "user" }) }));
    const { live } = hear(...said, ...ended);
    const kept = Object.keys(live).filter((account) => live[account]?.ended);
    expect(kept.toSorted()).toEqual(accounts.slice(0, 50).toSorted());
    expect(Object.keys(live)).toHaveLength(50 + 20);
  });

  test("one on time takes its lines along", () => {
    expect(hear(first, { type: "poked", poke: poke(5, { trigger: "schedule" }) }).live).toEqual({});
  });
});

describe("what becomes known of a poke after it has ended", () => {
  const later = poke(9, { busy_ms: 1800 });
  const known: Heard = { type: "snapshot", snapshot: snapshot({ accounts: [account({ last: poke(9) }), account({ name: "other", last: poke(9) })] }) };
  const completed: Heard = { type: "poke-completed", poke: later };

  test("takes its place where it is at hand, and in its account", () => {
    const state = hear(known, page([9, 8]), completed);
    expect(state.pages?.pokes.find(({ id }) => id === 9)).toEqual(later);
    expect(state.snapshot?.accounts.map(({ last }) => last?.busy_ms)).toEqual([1800, null]);
  });

  test("brings no poke that was not there", () => {
    const state = hear({ type: "snapshot", snapshot: snapshot({ accounts: [account({ last: poke(10) })] }) }, page([8]), completed);
    expect(ids(state)).toEqual([8]);
    expect(state.snapshot?.accounts[0]?.last?.id).toBe(10);
    expect(hear(completed).snapshot).toBeNull();
  });
});

describe("pokes of the past", () => {
  test("there are older ones where the engine says so, however short the page is", () => {
    expect(hear(page([9])).pages?.more).toBe(true);
    expect(hear(page([9, 8], { more: false })).pages?.more).toBe(false);
  });

  test("the next page comes below, each poke once", () => {
    expect(ids(hear(page([9, 8]), page([8, 7], { first: false })))).toEqual([9, 8, 7]);
  });

  test("a first page replaces what was there", () => {
    expect(ids(hear(page([9, 8]), page([3])))).toEqual([3]);
  });

  test("a poke that ends comes on top", () => {
    const ended = poke(10, { started_at: at(600) });
    expect(ids(hear(page([9, 8]), { type: "poked", poke: ended }))).toEqual([10, 9, 8]);
  });

  test("the demo's stand among the others by their time, and never begin a page", () => {
    const state = hear(page([-8, 9, 7, -10]));
    expect(ids(state)).toEqual([-10, 9, -8, 7]);
    expect(oldest(state.pages)).toBe(7);
    expect(oldest(null)).toBeNull();
    expect(hear(page([-1, -2])).pages?.more).toBe(false);
  });

  test("not where another account is looked at, nor one that is in no history", () => {
    const of = page([9], { account: "other" });
    expect(ids(hear(of, { type: "poked", poke: poke(10) }))).toEqual([9]);
    expect(ids(hear(page([9]), { type: "poked", poke: poke(0) }))).toEqual([9]);
  });

  test("they are fetched again after a gap, after a demo, and in another language", () => {
    const before = snapshot({ demo: true });
    const known: Heard[] = [{ type: "snapshot", snapshot: before }, page([9, 8])];
    const dutch = general({ fields: { language: "nl", notice_quiet: "" }, language_in_use: "nl" });
    expect(hear(...known, { type: "missed" }).pages).toBeNull();
    expect(hear(...known, { type: "changed", snapshot: snapshot({ demo: false }) }).pages).toBeNull();
    expect(hear(...known, { type: "changed", snapshot: { ...before, general: dutch } }).pages).toBeNull();
    expect(ids(hear(...known, { type: "changed", snapshot: before }))).toEqual([9, 8]);
  });
});
