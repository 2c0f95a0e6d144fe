// A cron expression in its parts, for who does not read one every day. Pure.

import { DAYS, hoursInWords } from "./hours";

const PARTS = ["minute", "hour", "day", "month", "weekday"] as const;

export type CronPart = {
  /** What it is of: the end of a key of the texts. */
  of: (typeof PARTS)[number];
  /** Empty for any. */
  value: string;
};

/** The parts, with the days' names in the user's language; `null` where it has another form, as in `@daily`. */
export function cronParts(text: string, locale: string): CronPart[] | null {
  const values = text.trim().split(/\s+/);
  if (values.length !== PARTS.length) return null;
  return PARTS.map((of, at) => {
    const value = values[at] ?? "";
    if (value === "*") return { of, value: "" };
    return { of, value: of === "weekday" ? weekdays(value, locale) : value };
  });
}

/** Sunday is 0 and 7; a number after `/` or `#` counts, and names no day. */
function weekdays(value: string, locale: string): string {
  const name = (day: string) => DAYS[(Number(day) + 6) % DAYS.length];
  // No look behind, which the WebKit of macOS 13 does not know.
  const named = value.toLowerCase().replace(/(^|[^/#\d])([0-7])(?!\d)/g, (_, before: string, day: string) => before + name(day));
  return hoursInWords(named, locale);
}
