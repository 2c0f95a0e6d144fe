// Sentences for people, from the same files as the engine's.

import { FluentBundle, FluentResource, type FluentVariable } from "@fluent/bundle";
import english from "../../locales/en.ftl?raw";
import dutch from "../../locales/nl.ftl?raw";
import { visible } from "./visible";
import { localeFor } from "./time";

export type Language = "en" | "nl";

const bundles: Record<Language, FluentBundle> = {
  en: bundle("en", english),
  nl: bundle("nl", dutch),
};

function bundle(language: Language, source: string): FluentBundle {
  // The marks around values are for mixed directions of writing, which neither language has.
  const made = new FluentBundle(language, { useIsolating: false });
  made.addResource(new FluentResource(source), { allowOverrides: true });
  return made;
}

/** Until the engine says which. */
let language: Language = $state(navigator.language.toLowerCase().startsWith("nl") ? "nl" : "en");

export function speak(wanted: string): void {
  language = wanted === "nl" ? "nl" : "en";
}

/** The language that is spoken. */
export function spoken(): Language {
  return language;
}

/** How times and numbers are written. */
export function locale(): string {
  return localeFor(language);
}

/** The sentence with this key and these values in it; the key itself where there is none. */
export function say(key: string, values: Record<string, FluentVariable> = {}): string {
  const pattern = bundles[language].getMessage(key)?.value;
  if (!pattern) return key;
  const safe = Object.entries(values).map(([name, value]) => [name, typeof value === "string" ? visible(value) : value]);
  return bundles[language].formatPattern(pattern, Object.fromEntries(safe), []);
}
