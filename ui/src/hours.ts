// Working hours as most people have them: some days of the week, one time from and to. Pure.
// What is more than that (several times, a range over midnight on other days) stays text.

import { dateFormat } from "./formatters";

/** In the settings file's words. */
export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

export type Hours = {
  /** Whether each day of the week is one, Monday first. */
  days: boolean[];
  /** As a person types them; the engine says what is wrong with them. */
  from: string;
  to: string;
};

/** Those that most offices have. */
export const USUAL: Hours = { days: DAYS.map((_, at) => at < 5), from: "07:00", to: "19:00" };

/** As the settings file has them, in one go; `null` where they are more than one time. */
export function parseHours(text: string): Hours | null {
  const [, words = "", from = "", to = ""] = text.match(/^([a-z,-]*) ?(\d{1,2}(?::\d\d)?)-(\d{1,2}(?::\d\d)?)$/) ?? [];
  if (from === "") return null;
  if (words === "") return { days: DAYS.map(() => true), from, to };
  const days = DAYS.map(() => false);
  for (const word of words.split(",")) {
    const [first = -1, last = first, ...more] = word.split("-").map((day) => (DAYS as readonly string[]).indexOf(day));
    if (first < 0 || last < first || more.length > 0) return null;
    days.fill(true, first, last + 1);
  }
  return { days, from, to };
}

/** As the settings file has them: three or more days in a row as a range, others one by one, none where it is all. */
export function formatHours({ days, from, to }: Hours): string {
  const times = `${from.trim()}-${to.trim()}`;
  if (days.every(Boolean)) return times;
  const words: string[] = [];
  for (let day = 0; day < DAYS.length; ) {
    let end = day;
    while (days[end]) end += 1;
    if (end - day > 2) words.push(`${DAYS[day]}-${DAYS[end - 1]}`);
    else words.push(...DAYS.slice(day, end));
    day = Math.max(end, day + 1);
  }
  return `${words.join(",")} ${times}`;
}

/** As the settings file has them, with the days' names in the user's language. */
export function hoursInWords(text: string, locale: string): string {
  return text.replace(/[a-z]+/g, (word) => {
    const at = (DAYS as readonly string[]).indexOf(word);
    return at < 0 ? word : dayNames(at, locale).short;
  });
}

/** A day's name in the user's language, short and whole. */
export function dayNames(at: number, locale: string): { short: string; long: string } {
  // 5 January 1970 was a Monday.
  const moment = Date.UTC(1970, 0, 5 + at);
  const name = (weekday: "short" | "long") => dateFormat(locale, { weekday, timeZone: "UTC" }).format(moment);
  return { short: name("short"), long: name("long") };
}
