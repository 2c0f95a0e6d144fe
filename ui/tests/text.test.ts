// Every sentence that the page says exists in both languages, with the values it is given.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { FluentBundle, FluentResource } from "@fluent/bundle";
import { afterEach, describe, expect, test } from "vitest";
import { EVENTS } from "../src/events";
import { METHODS, NOTIFICATIONS, SECURITIES } from "../src/form";
import type { Outcome } from "../src/api";
import { HEALTH, NOTICE, outcomeLook } from "../src/marks";
import { shortly } from "../src/mail-server";
import { FILTERS, SORTS } from "../src/roster";
import { say, speak } from "../src/text.svelte";
import { MAIL_SERVER_STATES } from "./samples";

const SOURCE = join(import.meta.dirname, "../src");
const LANGUAGES = ["en", "nl"] as const;

/** Each key of a language with the values that its sentence uses. */
function sentences(language: string): Map<string, Set<string>> {
  const path = join(import.meta.dirname, `../../locales/${language}.ftl`);
  const resource = new FluentResource(readFileSync(path, "utf8"));
  const bundle = new FluentBundle(language);
  expect(bundle.addResource(resource)).toEqual([]);
  const found = new Map<string, Set<string>>();
  for (const entry of resource.body) {
    const values = new Set<string>();
    JSON.stringify(entry.value, (_, part) => {
      if (part?.type === "var") values.add(part.name);
      return part;
    });
    found.set(entry.id, values);
  }
  return found;
}

type Use = { key: string; values: string[] | null; where: string };

/** Every `say(…)` of the page with a key that stands there in full, and the names of its values. */
function uses(): { plain: Use[]; made: Set<string> } {
  const plain: Use[] = [];
  const made = new Set<string>();
  for (const file of readdirSync(SOURCE, { recursive: true, encoding: "utf8" })) {
    if (!/\.(svelte|ts)$/.test(file) || file === "api.ts") continue;
    const code = readFileSync(join(SOURCE, file), "utf8");
    for (const [, key = "", rest = ""] of code.matchAll(/\bsay\(\s*"([a-z0-9-]+)"\s*(,\s*[^)]*)?/g)) {
      const given = rest.match(/\{([^{}]*)\}/)?.[1];
      const values = given?.includes("...")
        ? null
        : [...(given ?? "").matchAll(/(?:^|,)\s*(\w+)/g)].map(([, name = ""]) => name);
      plain.push({ key, values: rest && given === undefined ? null : values, where: file });
    }
    for (const [, start = ""] of code.matchAll(/`((?:window|outcome|health|choice)-[a-z-]*)\$\{/g)) made.add(start);
    // Keys that are chosen, or kept to be said later; what the engine is asked has names like them.
    for (const [, key = ""] of code.matchAll(/(?<!\btype: )"(window-[a-z0-9-]+)"/g)) plain.push({ key, values: null, where: file });
  }
  return { plain, made };
}

/** The members of a union of the generated api. */
function members(type: string): string[] {
  const api = readFileSync(join(SOURCE, "api.ts"), "utf8");
  const union = api.match(new RegExp(`export type ${type} = ([^;]*);`))?.[1] ?? "";
  const found = [...union.matchAll(/"([a-z-]+)"/g)].map(([, member = ""]) => member);
  expect(found.length).toBeGreaterThan(1);
  return found;
}

describe.each(LANGUAGES)("%s", (language) => {
  const known = sentences(language);
  const { plain, made } = uses();

  test("has every sentence that the page says, with the same values", () => {
    expect(plain.length).toBeGreaterThan(90);
    for (const { key, values, where } of plain) {
      const wanted = known.get(key);
      expect(wanted, `${key}, said in ${where}`).toBeDefined();
      if (values) expect([...(wanted ?? [])].sort(), `values of ${key} in ${where}`).toEqual(values.sort());
    }
  });

  test("has every sentence whose key is put together", () => {
    const fields = [
      "name", "host", "port", "domains", "every", "mail_server", "user", "secret", "hours", "notify_after", "silence_alarm", "cron", "jitter",
    ];
    const choices = { method: METHODS, tls: SECURITIES, notify: NOTIFICATIONS };
    const chosen = Object.entries(choices).flatMap(([name, of]) => of.map((one) => `${name}-${one}`));
    const ends: Record<string, string[]> = {
      "outcome-": members("Outcome"),
      "health-": members("Health"),
      "choice-": members("Choice"),
      "window-field-": [...fields, ...fields.map((field) => `${field}-hint`), ...Object.keys(choices)],
      "window-method-": members("Method"),
      "window-poke-trust-": members("CertificateTrust"),
      "window-filter-": [...FILTERS],
      "window-sort-": [...SORTS],
      "window-trigger-": members("Trigger"),
      "window-log-is-": members("LogLevel"),
      "window-log-level-": members("LogLevel"),
      "window-log-show-": members("LogLevel"),
      "window-cron-": ["minute", "hour", "day", "month", "weekday"],
      "window-speaker-": members("Speaker"),
      "window-line-": [...EVENTS],
      "window-": chosen.flatMap((one) => [one, `${one}-hint`]),
    };
    expect([...made].sort()).toEqual(Object.keys(ends).sort());
    for (const [start, all] of Object.entries(ends)) {
      for (const end of all) expect(known.has(start + end), start + end).toBe(true);
    }
  });

  test("says nothing for the window that the window never says", () => {
    // These are said by the window's shell, before or in place of the page.
    const shell = /^window-(no-engine|engine-silent|engine-ended|no-display|no-webview(-goes-on|-fetch|-close)?|cannot-open)$/;
    const said = new Set(plain.map(({ key }) => key));
    const starts = [...made].filter((start) => start !== "window-").concat("window-notify-", "window-tls-");
    const idle = [...known.keys()].filter(
      (key) => key.startsWith("window-") && !said.has(key) && !shell.test(key) && !starts.some((start) => key.startsWith(start)),
    );
    expect(idle).toEqual([]);
  });
});

test("the form offers every choice that the engine knows", () => {
  expect([...METHODS].sort()).toEqual(members("Method").sort());
  expect([...SECURITIES].sort()).toEqual(members("Security").sort());
  expect([...NOTIFICATIONS].sort()).toEqual(members("Notify").sort());
});

test.each(LANGUAGES)("%s says in a word or two how your mail server stands", (language) => {
  const known = sentences(language);
  for (const state of MAIL_SERVER_STATES) {
    const { key } = shortly(state);
    if (key !== null) expect(known.has(key), key).toBe(true);
  }
});

test("every event of a connection is known", () => {
  const source = readFileSync(join(SOURCE, "../../crates/smtp/src/report.rs"), "utf8");
  const named = source.match(/CONNECTION_EVENTS[^=]*= \[([^\]]*)\]/)?.[1] ?? "";
  expect([...EVENTS].sort()).toEqual([...named.matchAll(/"([a-z-]+)"/g)].map(([, name]) => name).sort());
});

test("every state and outcome has a look", () => {
  for (const outcome of members("Outcome")) expect(outcomeLook(outcome as Outcome, false)).toBeDefined();
  // A promise is green where the poke proves it, and nowhere else.
  expect(outcomeLook("started", false).tone).toBe("quiet");
  expect(outcomeLook("started", true).tone).toBe("good");
  expect(outcomeLook("refused", true).tone).toBe("trouble");
  // Nor does a notice say whether what works again is proved.
  expect(Object.values(NOTICE).map(({ tone }) => tone)).not.toContain("good");
  expect(Object.keys(HEALTH).sort()).toEqual(members("Health").sort());
});

describe("saying", () => {
  afterEach(() => speak("en"));

  test("in the language that is spoken, with the values in it", () => {
    expect(say("window-every", { every: "15m" })).toBe("every 15m");
    speak("nl");
    expect(say("window-every", { every: "15m" })).toBe("elke 15m");
    expect(say("window-poke-pending", { count: 1 })).toBe("één bericht");
    expect(say("window-poke-pending", { count: 3 })).toBe("3 berichten");
  });

  test("a key that is not there comes back as itself", () => {
    expect(say("no-such-key")).toBe("no-such-key");
  });
});
