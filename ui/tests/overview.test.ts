// The overview of many accounts as a person meets it, over a stand-in for the engine.

import { fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { AccountView, Event, Request, Response } from "../src/api";
import { App } from "../src/app.svelte";
import { speak } from "../src/text.svelte";
import Window from "../src/Window.svelte";
import { account, at, poke, snapshot, StandIn } from "./samples";

const MANY = 1000;

function accounts(count = MANY): AccountView[] {
  return Array.from({ length: count }, (_, n) => {
    const name = `account ${n + 1}`;
    const last = poke(n + 1, { account: name, started_at: at(-130, Date.now()) });
    return account({ name, last, next_at: at(770, Date.now()) }, { host: `mx${n % 10}.example.org`, domains: `customer${n + 1}.test` });
  });
}

function show(all = accounts(), answer?: (request: Request) => Response | undefined) {
  const engine = new StandIn((request) => answer?.(request) ?? (request.type === "snapshot" ? { type: "snapshot", snapshot: snapshot({ accounts: all }) } : { type: "done" }));
  const app = new App(engine);
  render(Window, { app });
  return { engine, app };
}

const rows = () => [...document.querySelectorAll<HTMLElement>("ol .row")];
const names = () => rows().map((row) => row.dataset.account);
const trouble = (of: AccountView): Event => ({ type: "account", account: { ...of, health: "trouble", failures: 1 }, health: "trouble", poking: 0 });
const filter = (name: string) => within(screen.getByRole("group", { name: "Show" })).getByRole("button", { name: new RegExp(`^${name}`) });

beforeEach(() => {
  window.location.hash = "";
  speak("en");
});

describe("an account that is asked for", () => {
  const asksFor = (name: string): Event => ({ type: "show-window", account: name });
  const unfolded = (name: string) => rows().find((row) => row.dataset.account === name)?.getAttribute("aria-expanded");

  test("among many is unfolded and has the focus, whatever was filtered and however often it is asked for", async () => {
    const { engine, app } = show();
    await waitFor(() => expect(rows().length).toBeGreaterThan(5));
    await fireEvent.click(filter("Trouble"));
    await waitFor(() => expect(rows()).toHaveLength(0));
    engine.tell(asksFor("account 700"));
    await waitFor(() => expect(document.activeElement?.getAttribute("data-account")).toBe("account 700"));
    expect(unfolded("account 700")).toBe("true");
    expect(app.choice.query.filter).toBe("all");
    await fireEvent.click(document.activeElement as HTMLElement);
    expect(unfolded("account 700")).toBe("false");
    engine.tell(asksFor("account 700"));
    await waitFor(() => expect(unfolded("account 700")).toBe("true"));
  });

  test("among a handful has the focus on its card, also where the window opens there", async () => {
    window.location.hash = "#/overview/account%203";
    const { engine } = show(accounts(4));
    await waitFor(() => expect(document.activeElement?.textContent).toBe("account 3"));
    engine.tell(asksFor("account 2"));
    await waitFor(() => expect(document.activeElement?.textContent).toBe("account 2"));
    // One that nobody knows any more shows the overview as it is.
    engine.tell(asksFor("gone"));
    await waitFor(() => expect(window.location.hash).toBe("#/overview/gone"));
    expect(document.activeElement?.textContent).toBe("account 2");
  });
});

describe("many accounts", () => {
  test("are rows, of which the page holds those on the screen, and which say how many there are", async () => {
    show();
    await waitFor(() => expect(rows().length).toBeGreaterThan(5));
    expect(rows().length).toBeLessThan(40);
    const first = screen.getAllByRole("listitem")[0];
    expect([first?.getAttribute("aria-posinset"), first?.getAttribute("aria-setsize")]).toEqual(["1", "1000"]);
    expect(filter("All").textContent).toBe("All 1,000");
    expect(rows()[0]?.textContent).toMatch(/account 1.*mx0\.example\.org.*Works: mail gets through.*Delivery started, 2 min\. ago.*in 13 min\..*Next poke/s);
  });

  test("a handful are cards, and there is nothing to search", async () => {
    show(accounts(6));
    expect(await screen.findAllByRole("article")).toHaveLength(6);
    expect(screen.queryByRole("searchbox")).toBeNull();
    expect(rows()).toHaveLength(0);
  });

  test("a handful have trouble first, too", async () => {
    const all = accounts(3);
    const { engine } = show(all);
    await screen.findAllByRole("article");
    engine.tell(trouble(all[2] as AccountView));
    const headings = () => screen.getAllByRole("heading", { level: 2 }).map((heading) => heading.textContent);
    await waitFor(() => expect(headings()).toEqual(["account 3", "account 1", "account 2"]));
  });

  test("one in trouble comes first, is counted, and can be seen alone", async () => {
    const all = accounts();
    const { engine } = show(all);
    await waitFor(() => expect(rows()[0]?.dataset.account).toBe("account 1"));
    engine.tell(trouble(all[499] as AccountView));
    await waitFor(() => expect(names().slice(0, 2)).toEqual(["account 500", "account 1"]));
    expect(filter("Trouble").textContent).toBe("Trouble 1");
    await fireEvent.click(filter("Trouble"));
    expect(names()).toEqual(["account 500"]);
    expect(filter("Trouble").getAttribute("aria-pressed")).toBe("true");
    engine.tell({ type: "account", account: all[499] as AccountView, health: "proved", poking: 0 });
    expect(await screen.findByText("No account matches.")).toBeTruthy();
    await fireEvent.click(screen.getByRole("button", { name: "Show all accounts" }));
    expect(names()[0]).toBe("account 1");
  });

  test("are searched by name, host and domain, and what was found is said aloud", async () => {
    show();
    const search = await screen.findByRole("searchbox", { name: "Name, host or domain" });
    await fireEvent.input(search, { target: { value: "CUSTOMER770 mx9" } });
    expect(names()).toEqual(["account 770"]);
    await waitFor(() => expect(screen.getByRole("status").textContent).toBe("1 of 1,000 accounts is shown."));
    await fireEvent.keyDown(search, { key: "Escape" });
    expect(names()[0]).toBe("account 1");
  });

  test("are sorted as somebody chooses", async () => {
    const all = accounts();
    all[9] = { ...(all[9] as AccountView), last: poke(5000, { started_at: at(-1, Date.now()) }) };
    show(all);
    await fireEvent.change(await screen.findByRole("combobox", { name: "Sort by" }), { target: { value: "last" } });
    expect(names()[0]).toBe("account 10");
    await fireEvent.change(screen.getByRole("combobox", { name: "Sort by" }), { target: { value: "name" } });
    expect(names().slice(0, 3)).toEqual(["account 1", "account 2", "account 3"]);
  });

  test("a row unfolds to what a card tells and does, and folds again", async () => {
    const { engine } = show();
    await waitFor(() => expect(rows().length).toBeGreaterThan(5));
    const row = rows()[1] as HTMLElement;
    expect(row.getAttribute("aria-expanded")).toBe("false");
    await fireEvent.click(row);
    expect(row.getAttribute("aria-expanded")).toBe("true");
    const detail = screen.getByRole("article", { name: "account 2" });
    expect(row.getAttribute("aria-controls")).toBe(detail.id);
    expect(within(detail).getByText("The provider has started to deliver 3 messages.")).toBeTruthy();
    await fireEvent.click(within(detail).getByRole("button", { name: "Poke now: account 2" }));
    expect(engine.asked.at(-1)).toEqual({ type: "poke-now", accounts: ["account 2"] });
    await fireEvent.click(row);
    expect(screen.queryByRole("article")).toBeNull();
  });

  test("what was chosen is still so after a visit to another part", async () => {
    show();
    await fireEvent.input(await screen.findByRole("searchbox"), { target: { value: "account 77" } });
    await fireEvent.click(rows()[0] as HTMLElement);
    window.location.hash = "#/settings";
    await screen.findByRole("heading", { name: "Settings" });
    window.location.hash = "#/";
    expect(await screen.findByRole("article", { name: "account 77" })).toBeTruthy();
    expect(screen.getByRole<HTMLInputElement>("searchbox").value).toBe("account 77");
  });
});

describe("the keyboard", () => {
  const focus = () => (document.activeElement as HTMLElement).dataset.account;
  const press = (key: string) => fireEvent.keyDown(document.activeElement as Element, { key });

  test("goes through all rows, of which one is a stop of the Tab key", async () => {
    show();
    await waitFor(() => expect(rows().length).toBeGreaterThan(5));
    expect(rows().filter((row) => row.tabIndex === 0).map((row) => row.dataset.account)).toEqual(["account 1"]);
    rows()[0]?.focus();
    await press("ArrowDown");
    await waitFor(() => expect(focus()).toBe("account 2"));
    expect(rows().filter((row) => row.tabIndex === 0).map((row) => row.dataset.account)).toEqual(["account 2"]);
    await press("End");
    await waitFor(() => expect(focus()).toBe("account 1000"));
    await press("ArrowDown");
    await press("ArrowUp");
    await waitFor(() => expect(focus()).toBe("account 999"));
    await press("Home");
    await waitFor(() => expect(focus()).toBe("account 1"));
  });

  test("stays at its row when that moves", async () => {
    const all = accounts();
    const { engine } = show(all);
    await waitFor(() => expect(rows().length).toBeGreaterThan(5));
    rows()[3]?.focus();
    for (const one of all.slice(500, 530)) engine.tell(trouble(one));
    await waitFor(() => expect(names()[0]).toBe("account 501"));
    await waitFor(() => expect(focus()).toBe("account 4"));
  });

  test("“/” goes to the search, but not out of a field", async () => {
    show();
    const search = await screen.findByRole("searchbox");
    await press("/");
    expect(document.activeElement).toBe(search);
    const sort = screen.getByRole("combobox");
    sort.focus();
    await press("/");
    expect(document.activeElement).toBe(sort);
  });

  test("goes from the search to what was found", async () => {
    show();
    const search = await screen.findByRole("searchbox");
    await fireEvent.input(search, { target: { value: "account 88" } });
    await fireEvent.keyDown(search, { key: "ArrowDown" });
    await waitFor(() => expect(focus()).toBe("account 88"));
  });
});

describe("events that come faster than a screen shows", () => {
  afterEach(() => vi.restoreAllMocks());

  test("are taken in all at once", async () => {
    const all = accounts();
    const { engine, app } = show(all);
    await waitFor(() => expect(rows().length).toBeGreaterThan(5));
    const pictures: FrameRequestCallback[] = [];
    vi.spyOn(window, "requestAnimationFrame").mockImplementation((call) => pictures.push(call));
    const before = app.state;
    for (const one of all) engine.tell(trouble(one));
    expect(app.state).toBe(before);
    expect(pictures).toHaveLength(1);
    pictures[0]?.(0);
    expect(app.state.snapshot?.accounts.every(({ health }) => health === "trouble")).toBe(true);
    await waitFor(() => expect(filter("Trouble").textContent).toBe("Trouble 1,000"));
  });

  test("are taken in before an answer that came after them", async () => {
    const all = accounts(8);
    const { engine, app } = show(all);
    await waitFor(() => expect(rows().length).toBe(8));
    vi.spyOn(window, "requestAnimationFrame").mockReturnValue(1);
    engine.tell(trouble(all[0] as AccountView));
    await app.refresh();
    expect(app.state.snapshot?.accounts[0]?.health).toBe("proved");
  });

  test("are not undone by a state that was asked for before them and comes after them", async () => {
    const all = accounts(8);
    let answer: () => void = () => {};
    const held = new Promise<void>((go) => {
      answer = go;
    });
    const engine = new StandIn(async (request) => {
      if (request.type === "snapshot") await held;
      return { type: "snapshot", snapshot: snapshot({ accounts: all }) };
    });
    const app = new App(engine);
    render(Window, { app });
    await waitFor(() => expect(engine.asked).toHaveLength(1));
    engine.tell(trouble(all[0] as AccountView));
    await new Promise((painted) => requestAnimationFrame(painted));
    answer();
    await waitFor(() => expect(rows().length).toBe(8));
    expect(app.state.snapshot?.accounts[0]?.health).toBe("trouble");
    expect(app.state.snapshot?.accounts[1]?.health).toBe("proved");
  });

  test("leave every other account the object that it was", async () => {
    const all = accounts(20);
    const { engine, app } = show(all);
    await waitFor(() => expect(rows().length).toBeGreaterThan(5));
    engine.tell(trouble(all[7] as AccountView));
    await waitFor(() => expect(app.state.snapshot?.accounts[7]?.health).toBe("trouble"));
    expect(app.state.snapshot?.accounts.filter((one, n) => one !== all[n])).toHaveLength(1);
  });

  test("and are missed for that, ask for the whole state once, not each time", async () => {
    const { engine } = show(accounts(8));
    await waitFor(() => expect(rows().length).toBe(8));
    const asked = () => engine.asked.filter(({ type }) => type === "snapshot").length;
    vi.useFakeTimers();
    for (let n = 0; n < 50; n += 1) engine.tell({ type: "missed" });
    vi.advanceTimersByTime(10_000);
    vi.useRealTimers();
    expect(asked()).toBe(2);
  });

  test("are said aloud only where somebody asked for the poke", async () => {
    const all = accounts();
    const { engine } = show(all);
    await waitFor(() => expect(rows().length).toBeGreaterThan(5));
    engine.tell({ type: "poked", poke: poke(9000, { account: "account 3", trigger: "user", explanation: "It worked." }) });
    engine.tell({ type: "poked", poke: poke(9001, { account: "account 4", trigger: "schedule", explanation: "That too." }) });
    await waitFor(() => expect(screen.getByRole("status").textContent).toBe("account 3: It worked."));
  });
});
