// A stranger's words on every part of the page: none acts there, and none is left out.

import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, expect, test } from "vitest";
import type { DialogueLine, PokeView, Request, Response, Snapshot } from "../src/api";
import { App } from "../src/app.svelte";
import { speak } from "../src/text.svelte";
import { visible } from "../src/visible";
import Window from "../src/Window.svelte";
import { account, at, general, poke, refusal, snapshot, StandIn } from "./samples";

/** Control and format characters, marks of a line's end, markup. */
const HOSTILE = "\u001b[31m\u0007\u009b\u202e\u2066\u200b\u200f\u2028\u00ad\ufeff<img src=x onerror=alert(1)>&amp;";
const ACTS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** Words of an enumeration, moments, lists of the settings: no stranger chooses them. */
const OURS = new Set([
  "outcome", "reason", "trigger", "method", "choice", "started_at", "health", "kind", "state", "trust", "from", "field", "code", "type",
  "last_success_at", "last_arrival_at", "next_at", "monitoring", "language_in_use", "channel", "version", "fingerprint",
]);
/** Settings that a form or a sentence takes apart. */
const READ = new Set(["tls", "auth", "every", "hours", "outside", "time_zone", "cron", "jitter", "notify", "secret", "language", "notice_quiet", "mail_server_first", "mail_server_test"]);

/** Everything that the engine tells, with a stranger's words in it. */
function hostile<T>(value: T, key = ""): T {
  if (typeof value === "string") return (OURS.has(key) || READ.has(key) ? value : `${value}${HOSTILE}`) as T;
  if (Array.isArray(value)) return value.map((item) => hostile(item, key)) as T;
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, hostile(item, name)])) as T;
}

function ended(id: number): PokeView {
  const dialogue: DialogueLine[] = (["provider", "us", "connection"] as const).map((from) => ({ from, at_ms: 1, line: "220 said" }));
  const tls = { version: "1.3", cipher: "AES", peer: "CN=peer", trust: "verified", certificate: null } as unknown as PokeView["tls"];
  return poke(id, {
    dialogue,
    tls,
    outcome: "refused",
    mail_server: { state: "open-relay", domain: "a.test", from: "192.0.2.7" },
    mail_server_words: "It is open.",
    arrivals_words: "3 messages",
    unseen_words: "Nothing is seen.",
    monitoring: { monitoring: "watching" } as PokeView["monitoring"],
    tried: [{ host: "other.test", outcome: "refused", code: 554, text: "no" }] as unknown as PokeView["tried"],
  });
}

function state(): Snapshot {
  const alarms = [{ kind: "slow", title: "It is slow", body: "Look at it." }] as Snapshot["accounts"][number]["alarms"];
  const one = account({ last: ended(41), alarms, failures: 2, health: "trouble", heartbeat_host: "hc.test" }, { mail_server: "mail.test" });
  const channels = [{ channel: "webhook", to: "hook.test" }] as Snapshot["general"]["channels"];
  return snapshot({
    accounts: [one, account({ name: "other", last_arrival_at: at(-60) })],
    general: general({ channels, fields: { language: "system", notice_quiet: "", notice_webhook_body: "" } }),
    settings_fault: "The settings are wrong.",
    history_fault: "The history is wrong.",
    channel_faults: ["The webhook does not work."],
  });
}

function show() {
  const engine = new StandIn((request: Request): Response => {
    if (request.type === "snapshot") return { type: "snapshot", snapshot: hostile(state()) };
    if (request.type === "history") return { type: "pokes", pokes: [hostile(ended(41))], more: false };
    if (request.type === "poke") return { type: "poke", poke: hostile(ended(41)) } as unknown as Response;
    if (request.type === "try-channels") return { type: "trials", trials: [{ channel: "webhook", ok: false, message: hostile("It failed.") }] };
    if (request.type === "save-account") return hostile(refusal({ fields: [{ field: "host", message: "Host: wrong." }] })) as unknown as Response;
    return { type: "done" };
  });
  render(Window, { app: new App(engine) });
  return engine;
}

/** What is seen and what is read aloud; not what is typed, which stays as it is. */
function told(): string[] {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const words: string[] = [];
  while (texts.nextNode()) words.push((texts.currentNode.nodeValue ?? "").replaceAll(/\s+/g, (gap) => (ACTS.test(gap.replaceAll(/[\n\t]/g, "")) ? gap : " ")));
  for (const element of document.body.querySelectorAll("*"))
    for (const name of ["aria-label", "title", "placeholder", "alt"]) words.push(element.getAttribute(name) ?? "");
  return words;
}

function isSafe() {
  const words = told();
  expect(words.some((it) => it.includes("\\u{202e}"))).toBe(true);
  for (const it of words) expect(ACTS.test(it), JSON.stringify(it)).toBe(false);
  expect(document.body.querySelector("img[src=x]")).toBeNull();
}

beforeEach(() => {
  window.location.hash = "";
  speak("en");
});

test("what acts without being seen is shown by its number", () => {
  expect(visible("a\u202eb\u001b[0m\u{e0041}\nc")).toBe("a\\u{202e}b\\u{1b}[0m\\u{e0041}\nc");
  expect(visible("Ü & <b> 日本 👍")).toBe("Ü & <b> 日本 👍");
});

test("the accounts", async () => {
  show();
  await screen.findByRole("heading", { name: "Accounts" });
  isSafe();
  await fireEvent.click((await screen.findAllByRole("button", { name: /^Remove/ }))[0] as HTMLElement);
  isSafe();
});

test("a poke with its dialogue", async () => {
  window.location.hash = "#/recent/41";
  show();
  await screen.findAllByText(/220 said/);
  isSafe();
});

test("the settings", async () => {
  window.location.hash = "#/settings";
  show();
  await fireEvent.click(await screen.findByRole("button", { name: "Send a test notice" }));
  await screen.findAllByText(/It failed/);
  isSafe();
});

test("an account's form", async () => {
  window.location.hash = `#/account/${encodeURIComponent(hostile("vevida"))}`;
  show();
  await screen.findByRole("button", { name: "Save" });
  await fireEvent.click(screen.getByRole("button", { name: "Save" }));
  isSafe();
});
