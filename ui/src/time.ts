// Times in words. Pure: the moment that is now is passed in, in milliseconds since 1970.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The system's own way to write times where it speaks the language, else that of its country. */
export function localeFor(language: string, system: string = navigator.language): string {
  if (system.toLowerCase().split("-")[0] === language) return system;
  return language === "nl" ? "nl-NL" : "en-GB";
}

/**
 * As in "2 minutes ago" and "in 42 seconds"; `null` within a few seconds of now.
 * The past is rounded down and the future up, so that neither claims too much.
 */
export function relative(at: string, now: number, locale: string): string | null {
  const distance = Date.parse(at) - now;
  const size = Math.abs(distance);
  const round = distance < 0 ? Math.floor : Math.ceil;
  const words = new Intl.RelativeTimeFormat(locale, { numeric: "always" });
  const of = (unit: number) => round(size / unit);
  const say = (unit: number, name: Intl.RelativeTimeFormatUnit) => words.format(Math.sign(distance) * of(unit), name);
  if (distance <= 0 && size < 5 * SECOND) return null;
  if (of(SECOND) < 60) return say(SECOND, "second");
  if (of(MINUTE) < 60) return say(MINUTE, "minute");
  if (of(HOUR) < 48) return say(HOUR, "hour");
  return say(DAY, "day");
}

/** The time of day, with the day in front where it is not today's. */
export function exact(at: string, now: number, locale: string, timeZone?: string): string {
  const zone = timeZone === undefined ? {} : { timeZone };
  const time: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", second: "2-digit" };
  if (dayOf(at, zone) === dayOf(now, zone)) {
    return new Intl.DateTimeFormat(locale, { ...time, ...zone }).format(Date.parse(at));
  }
  const day: Intl.DateTimeFormatOptions = { weekday: "short", day: "numeric", month: "short" };
  const year: Intl.DateTimeFormatOptions = Math.abs(Date.parse(at) - now) > 300 * DAY ? { year: "numeric" } : {};
  return new Intl.DateTimeFormat(locale, { ...day, ...year, ...time, ...zone }).format(Date.parse(at));
}

/** The hour and minute alone. */
export function clock(at: string, locale: string, timeZone?: string): string {
  const zone = timeZone === undefined ? {} : { timeZone };
  return new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", ...zone }).format(Date.parse(at));
}

/** The whole date and time, with its zone. */
export function full(at: string, locale: string, timeZone?: string): string {
  const zone = timeZone === undefined ? {} : { timeZone };
  return new Intl.DateTimeFormat(locale, {
    weekday: "long", day: "numeric", month: "long", year: "numeric",
    hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short", ...zone,
  }).format(Date.parse(at));
}

/** The date alone, as in "5 March 2027". */
export function date(at: number, locale: string, timeZone?: string): string {
  const zone = timeZone === undefined ? {} : { timeZone };
  return new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric", ...zone }).format(at);
}

/** Which day it is in: 0 today, 1 yesterday, else the date in words. */
export function day(at: string, now: number, locale: string, timeZone?: string): 0 | 1 | string {
  const zone = timeZone === undefined ? {} : { timeZone };
  const of = dayOf(at, zone);
  if (of === dayOf(now, zone)) return 0;
  // Noon, so that a day of 23 or 25 hours changes nothing.
  if (of === dayOf(Date.parse(`${dayOf(now, zone)}T12:00:00Z`) - DAY, { timeZone: "UTC" })) return 1;
  return new Intl.DateTimeFormat(locale, {
    weekday: "long", day: "numeric", month: "long", year: "numeric", ...zone,
  }).format(Date.parse(at));
}

function dayOf(at: string | number, zone: { timeZone?: string }): string {
  const moment = typeof at === "string" ? Date.parse(at) : at;
  return new Intl.DateTimeFormat("sv-SE", { year: "numeric", month: "2-digit", day: "2-digit", ...zone }).format(moment);
}
