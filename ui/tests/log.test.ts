// The log as a person meets it.

import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { beforeEach, describe, expect, test } from "vitest";
import type { ApiError, LogEntry, LogLevel, Request, Response } from "../src/api";
import { App } from "../src/app.svelte";
import { first, line, withNewer, withOlder } from "../src/log";
import { speak } from "../src/text.svelte";
import Window from "../src/Window.svelte";
import { at, NOON, refusal, snapshot, StandIn } from "./samples";

const entry = (text: string, level: LogLevel = "info"): LogEntry => ({
  at: at(0, NOON), level, program: "dequeue-tray", process: 812, target: "dequeue_engine::poke", text,
});
const place = (at: number) => ({ file: 1, at });
const page = (entries: LogEntry[], begin: number, end: number, more = false): Response => ({
  type: "log", page: { entries, begin: place(begin), end: place(end), more },
});

type LogRequest = Request & { type: "log" };

/** Shows the log of an engine that answers so. */
function show(answer: (request: LogRequest) => Response | ApiError) {
  window.location.hash = "#/log";
  const engine = new StandIn((request) => {
    if (request.type === "log") return answer(request);
    return request.type === "snapshot" ? { type: "snapshot", snapshot: snapshot() } : { type: "done" };
  });
  render(Window, { app: new App(engine) });
  return engine;
}

const asked = (engine: StandIn) => engine.asked.filter((request): request is LogRequest => request.type === "log");
const texts = () => [...document.querySelectorAll("li .text")].map((node) => node.textContent);

beforeEach(() => {
  window.location.hash = "";
  speak("en");
});

describe("the log", () => {
  test("newest first, and older ones on demand", async () => {
    const engine = show(({ from }) => {
      if (from === null) return page([entry("two"), entry("three", "warn")], 20, 40, true);
      return "before" in from ? page([entry("one")], 10, 20) : page([], 40, 40);
    });
    await screen.findByText("three");
    expect(screen.getByRole("heading", { name: "Log" })).toBeTruthy();
    expect(texts()).toEqual(["three", "two"]);
    expect(screen.getByText("Warning")).toBeTruthy();
    expect(screen.getByRole("link", { name: "Settings" }).getAttribute("aria-current")).toBe("page");
    await fireEvent.click(screen.getByRole("button", { name: "Show earlier lines" }));
    await screen.findByText("one");
    expect(texts()).toEqual(["three", "two", "one"]);
    expect(asked(engine).some(({ from }) => from !== null && "before" in from && from.before.at === 20)).toBe(true);
    expect(screen.queryByRole("button", { name: "Show earlier lines" })).toBeNull();
  });

  test("new lines come by themselves", async () => {
    let told = false;
    show(({ from }) => {
      if (from === null) return page([entry("one")], 0, 10);
      const news = told ? [] : [entry("two")];
      told = true;
      return page(news, 10, 20);
    });
    await screen.findByText("two", {}, { timeout: 20_000 });
    expect(texts()).toEqual(["two", "one"]);
  });

  test("only what is looked for", async () => {
    const engine = show(({ level, search }) => page(level === "warn" && search === "disk" ? [entry("the disk", "warn")] : [], 0, 10));
    await screen.findByText("Nothing has been logged.");
    await fireEvent.change(screen.getByRole("combobox", { name: "Which lines are shown" }), { target: { value: "warn" } });
    await fireEvent.input(screen.getByRole("searchbox", { name: "Search the log" }), { target: { value: "disk" } });
    await screen.findByText("the disk");
    expect(asked(engine).at(-1)).toMatchObject({ level: "warn", search: "disk" });
    await fireEvent.input(screen.getByRole("searchbox", { name: "Search the log" }), { target: { value: "no such thing" } });
    await screen.findByText("No line has that in it.");
  });

  test("is saved whole, the oldest line first", async () => {
    const engine = show(({ from }) => {
      if (from === null) return page([entry("two")], 10, 20, true);
      return "before" in from ? page([entry("one")], 0, 10) : page([], 20, 20);
    });
    await screen.findByText("two");
    await fireEvent.click(screen.getByRole("button", { name: "Save as a file" }));
    // To be seen and to be heard.
    const said = await screen.findAllByText("The log has been saved as /home/anna/Downloads/dequeue-log.txt");
    expect(said).toHaveLength(2);
    const [{ name, text } = { name: "", text: "" }] = engine.saved;
    expect(name).toBe("dequeue-log");
    expect(text.split("\n").slice(1)).toEqual([line(entry("one")).trim(), line(entry("two")).trim(), ""]);
  });

  test("what is logged can be chosen", async () => {
    const engine = show(() => page([], 0, 0));
    await screen.findByText("Nothing has been logged.");
    await fireEvent.change(screen.getByRole("combobox", { name: "What is logged" }), { target: { value: "debug" } });
    await waitFor(() => expect(engine.asked).toContainEqual({ type: "save-general", fields: { log_level: "debug" } }));
  });

  test("a log that may not be read is said once", async () => {
    const engine = show(() => refusal({ code: "log", message: "The log cannot be read." }));
    expect((await screen.findByRole("alert")).textContent).toContain("The log cannot be read.");
    expect(asked(engine)).toHaveLength(1);
  });
});

test("lines stay in order, and those that are kept at hand are bounded", () => {
  const of = (texts: string[], begin: number, end: number) => ({ entries: texts.map((text) => entry(text)), begin: place(begin), end: place(end), more: true });
  let lines = first(of(["c", "d"], 30, 50));
  lines = withNewer(lines, of(["e", "f"], 50, 70));
  lines = withOlder(lines, of(["a", "b"], 10, 30));
  expect(lines.entries.map(({ text }) => text)).toEqual(["f", "e", "d", "c", "b", "a"]);
  expect([lines.begin, lines.end]).toEqual([place(10), place(70)]);
  const many = Array.from({ length: 2500 }, (_, n) => `new ${n}`);
  lines = withNewer(lines, of(many, 70, 9000));
  expect(lines.entries).toHaveLength(2000);
  expect(lines.entries[0]?.text).toBe("new 2499");
});

test("a line is written as in the log's files", () => {
  expect(line(entry("poked account=\"a\"", "warn"))).toBe(
    "2026-11-25T12:00:00.000Z WARN dequeue-tray[812] dequeue_engine::poke: poked account=\"a\"\n",
  );
});
