// Times in words. Pure: the moment that is now is passed in, in milliseconds since 1970.

import { dateFormat, relativeFormat } from "./formatters";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Up to how many of one unit are told before the next one is used; the largest has no end. */
const UNITS: { size: number; name: Intl.RelativeTimeFormatUnit; below: number }[] = [
  { size: SECOND, name: "second", below: 60 },
  { size: MINUTE, name: "minute", below: 60 },
  { size: HOUR, name: "hour", below: 48 },
  { size: DAY, name: "day", below: Number.POSITIVE_INFINITY },
];
/** For so long after something, it is told as having just been. */
const JUST_NOW = 5 * SECOND;

/** The system's own way to write times where it speaks the language, else that of its country. */
export function localeFor(language: string, system: string = navigator.language): string {
  if (system.toLowerCase().split("-")[0] === language) return system;
  return language === "nl" ? "nl-NL" : "en-GB";
}

/**
 * As in "2 minutes ago" and "in 42 seconds"; `null` within a few seconds of now.
 * The past is rounded down and the future up, so that neither claims too much.
 */
export function relative(at: string, now: number, locale: string, style: Intl.RelativeTimeFormatStyle = "long"): string | null {
  const distance = Date.parse(at) - now;
  if (distance <= 0 && -distance < JUST_NOW) return null;
  const { count, unit } = told(distance);
  return relativeFormat(locale, style).format(Math.sign(distance) * count, unit.name);
}

/** The same without seconds and in fewer letters, for lists: `null` within a minute of now. */
export function roughly(at: string, now: number, locale: string): string | null {
  const distance = Date.parse(at) - now;
  return Math.abs(distance) <= MINUTE && distance !== -MINUTE ? null : relative(at, now, locale, "short");
}

/** When the words of {@link relative} change next. */
export function changesAt(at: string, now: number): number {
  const then = Date.parse(at);
  const distance = then - now;
  if (distance <= 0) {
    if (-distance < JUST_NOW) return then + JUST_NOW;
    const { count, unit } = told(distance);
    return then + (count + 1) * unit.size;
  }
  const { count, unit } = told(distance);
  const smaller = UNITS[UNITS.indexOf(unit) - 1];
  // Rounded up, "in 1 minute" holds only until 59 seconds are left.
  const left = Math.max((count - 1) * unit.size, smaller ? (smaller.below - 1) * smaller.size : 0);
  return then - left;
}

/** When the words of {@link roughly} change next. */
export function changesRoughlyAt(at: string, now: number): number {
  const then = Date.parse(at);
  const distance = then - now;
  if (distance > MINUTE) return changesAt(at, now);
  if (distance > 0) return then;
  return -distance < MINUTE ? then + MINUTE : changesAt(at, now);
}

/** The midnight that comes, by the wall clock here. */
export function midnight(now: number): number {
  return new Date(now).setHours(24, 0, 0, 0);
}

/** The unit that a distance is told in, and how many of it. */
function told(distance: number) {
  const round = distance < 0 ? Math.floor : Math.ceil;
  const of = ({ size }: { size: number }) => round(Math.abs(distance) / size);
  const unit = UNITS.find((each) => of(each) < each.below) as (typeof UNITS)[number];
  return { unit, count: of(unit) };
}

/** The time of day, with the day in front where it is not today's. */
export function exact(at: string, now: number, locale: string, timeZone?: string): string {
  const zone = timeZone === undefined ? {} : { timeZone };
  const time: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", second: "2-digit" };
  if (dayOf(at, zone) === dayOf(now, zone)) {
    return dateFormat(locale, { ...time, ...zone }).format(Date.parse(at));
  }
  const day: Intl.DateTimeFormatOptions = { weekday: "short", day: "numeric", month: "short" };
  const year: Intl.DateTimeFormatOptions = Math.abs(Date.parse(at) - now) > 300 * DAY ? { year: "numeric" } : {};
  return dateFormat(locale, { ...day, ...year, ...time, ...zone }).format(Date.parse(at));
}

/** The hour and minute alone. */
export function clock(at: string, locale: string, timeZone?: string): string {
  const zone = timeZone === undefined ? {} : { timeZone };
  return dateFormat(locale, { hour: "2-digit", minute: "2-digit", ...zone }).format(Date.parse(at));
}

/** The whole date and time, with its zone. */
export function full(at: string, locale: string, timeZone?: string): string {
  const zone = timeZone === undefined ? {} : { timeZone };
  return dateFormat(locale, {
    weekday: "long", day: "numeric", month: "long", year: "numeric",
    hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short", ...zone,
  }).format(Date.parse(at));
}

/** The date alone, as in "5 March 2027". */
export function date(at: number, locale: string, timeZone?: string): string {
  const zone = timeZone === undefined ? {} : { timeZone };
  return dateFormat(locale, { day: "numeric", month: "long", year: "numeric", ...zone }).format(at);
}

/** Which day it is in: 0 today, 1 yesterday, else the date in words. */
export function day(at: string, now: number, locale: string, timeZone?: string): 0 | 1 | string {
  const zone = timeZone === undefined ? {} : { timeZone };
  const of = dayOf(at, zone);
  if (of === dayOf(now, zone)) return 0;
  // Noon, so that a day of 23 or 25 hours changes nothing.
  if (of === dayOf(Date.parse(`${dayOf(now, zone)}T12:00:00Z`) - DAY, { timeZone: "UTC" })) return 1;
  return dateFormat(locale, {
    weekday: "long", day: "numeric", month: "long", year: "numeric", ...zone,
  }).format(Date.parse(at));
}

function dayOf(at: string | number, zone: { timeZone?: string }): string {
  const moment = typeof at === "string" ? Date.parse(at) : at;
  return dateFormat("sv-SE", { year: "numeric", month: "2-digit", day: "2-digit", ...zone }).format(moment);
}
