// Times in words.

import { describe, expect, test } from "vitest";
import { clock, day, exact, full, localeFor, relative } from "../src/time";
import { at, NOON } from "./samples";

test("how long ago, rounded down", () => {
  const ago = (seconds: number, locale = "en-GB") => relative(at(-seconds), NOON, locale);
  expect(ago(0)).toBeNull();
  expect(ago(4.9)).toBeNull();
  expect(ago(5)).toBe("5 seconds ago");
  expect(ago(59)).toBe("59 seconds ago");
  expect(ago(60)).toBe("1 minute ago");
  expect(ago(179)).toBe("2 minutes ago");
  expect(ago(3599)).toBe("59 minutes ago");
  expect(ago(3600)).toBe("1 hour ago");
  expect(ago(47 * 3600)).toBe("47 hours ago");
  expect(ago(72 * 3600)).toBe("3 days ago");
  expect(ago(125, "nl-NL")).toBe("2 minuten geleden");
});

test("how long to go, rounded up", () => {
  const to = (seconds: number, locale = "en-GB") => relative(at(seconds), NOON, locale);
  expect(to(0.2)).toBe("in 1 second");
  expect(to(59)).toBe("in 59 seconds");
  expect(to(60)).toBe("in 1 minute");
  expect(to(61)).toBe("in 2 minutes");
  expect(to(3599)).toBe("in 1 hour");
  expect(to(125, "nl-NL")).toBe("over 3 minuten");
});

test("no unit ever shows a number that belongs to the next one", () => {
  const around = (seconds: number) => [-2, -1, -0.5, 0, 0.5, 1, 2].map((more) => seconds + more);
  const edges = [60, 120, 3540, 3600, 7200, 47 * 3600, 48 * 3600, 49 * 3600, 72 * 3600].flatMap(around);
  for (const seconds of edges) {
    for (const moment of [at(seconds), at(-seconds)]) {
      const words = relative(moment, NOON, "en-GB");
      expect(words).not.toMatch(/\b(0|60) (second|minute)s?\b|\b48 hours\b|\b1 day\b/);
    }
  }
});

test("exactly when, with the day where it is not today's", () => {
  expect(exact(at(-130), NOON, "en-GB", "UTC")).toBe("11:57:50");
  expect(exact(at(-130), NOON, "nl-NL", "Europe/Amsterdam")).toBe("12:57:50");
  expect(exact(at(-86_400), NOON, "en-GB", "UTC")).toBe("Tue 24 Nov, 12:00:00");
  expect(exact("2025-01-02T03:04:05Z", NOON, "en-GB", "UTC")).toBe("Thu, 2 Jan 2025, 03:04:05");
  expect(clock(at(-130), "nl-NL", "UTC")).toBe("11:57");
  expect(full(at(0), "en-GB", "UTC")).toBe("Wednesday, 25 November 2026 at 12:00:00 UTC");
});

describe("which day", () => {
  test("today, yesterday, and before", () => {
    expect(day(at(-3600), NOON, "en-GB", "UTC")).toBe(0);
    expect(day(at(-13 * 3600), NOON, "en-GB", "UTC")).toBe(1);
    expect(day(at(-48 * 3600), NOON, "nl-NL", "UTC")).toBe("maandag 23 november 2026");
  });

  test("by the wall clock, also where the clocks changed", () => {
    const morning = Date.parse("2026-10-25T08:00:00Z");
    expect(day("2026-10-24T21:59:00Z", morning, "en-GB", "Europe/Amsterdam")).toBe(1);
    expect(day("2026-10-24T22:01:00Z", morning, "en-GB", "Europe/Amsterdam")).toBe(0);
    const firstOfMonth = Date.parse("2027-01-01T08:00:00Z");
    expect(day("2026-12-31T12:00:00Z", firstOfMonth, "en-GB", "UTC")).toBe(1);
  });
});

test("times are written as the system does, where it speaks the language", () => {
  expect(localeFor("en", "en-US")).toBe("en-US");
  expect(localeFor("nl", "nl-BE")).toBe("nl-BE");
  expect(localeFor("nl", "en-US")).toBe("nl-NL");
  expect(localeFor("en", "nl-NL")).toBe("en-GB");
});
