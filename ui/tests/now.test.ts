// One timer for all moments, which waits for the first whose words change.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { together, when } from "../src/now.svelte";
import { changesAt, changesRoughlyAt, exact, relative, roughly } from "../src/time";
import { at, NOON } from "./samples";

describe("the words of a moment", () => {
  const seconds = [0, 1, 4, 5, 6, 30, 58, 59, 60, 61, 90, 119, 120, 121, 3539, 3540, 3541, 3599, 3600, 3601, 7200, 7201, 169_199, 169_200, 169_201, 172_799, 172_800, 172_801, 400_000];
  const distances = [...seconds, ...seconds.map((each) => -each), 0.4, -0.4, 59.5, -59.5, 60.5, -60.5];

  test.each([
    ["with seconds", relative, changesAt],
    ["roughly", roughly, changesRoughlyAt],
  ] as const)("hold until they are said to change, and change then: %s", (_, words, changes) => {
    for (const distance of distances) {
      const moment = at(distance);
      const due = changes(moment, NOON);
      const said = words(moment, NOON, "en-GB");
      expect(due, `${distance} s`).toBeGreaterThan(NOON);
      for (const part of [0.25, 0.5, 0.999]) {
        const before = Math.min(NOON + (due - NOON) * part, due - 1);
        expect(words(moment, before, "en-GB"), `${distance} s, at ${part}`).toBe(said);
      }
      // A time to come that has passed keeps its words until they tell of the past.
      if (due !== Date.parse(moment)) expect(words(moment, due, "en-GB"), `${distance} s`).not.toBe(said);
    }
  });

  test("roughly are never more exact than a minute", () => {
    expect(roughly(at(-59), NOON, "en-GB")).toBeNull();
    expect(roughly(at(-60), NOON, "en-GB")).toBe("1 min ago");
    expect(roughly(at(60), NOON, "en-GB")).toBeNull();
    expect(roughly(at(61), NOON, "en-GB")).toBe("in 2 min");
  });
});

describe("the timer", () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: NOON });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  test("is one for all, and reads only who is due", () => {
    const read: string[] = [];
    const stop = [
      when(NOON + 60_000, () => read.push("later")),
      when(NOON + 2_000, () => read.push("soon")),
      when(NOON + 2_000, () => read.push("soon too")),
    ];
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(1999);
    expect(read).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(read).toEqual(["soon", "soon too"]);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(58_000);
    expect(read).toEqual(["soon", "soon too", "later"]);
    for (const each of stop) each();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("waits for nobody who has called off", () => {
    const read = vi.fn();
    when(NOON + 1000, read)();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(10_000);
    expect(read).not.toHaveBeenCalled();
  });

  test("rests while nobody can see it, and makes up for that at once", () => {
    const visible = vi.spyOn(document, "visibilityState", "get").mockReturnValue("visible");
    const show = (state: DocumentVisibilityState) => {
      visible.mockReturnValue(state);
      document.dispatchEvent(new Event("visibilitychange"));
    };
    const read = vi.fn();
    const stop = when(NOON + 1000, read);
    show("hidden");
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(60_000);
    expect(read).not.toHaveBeenCalled();
    show("visible");
    expect(read).toHaveBeenCalledTimes(1);
    stop();
  });

  test("changes many words at once, never early", () => {
    expect(together(NOON + 61_001, NOON)).toBe(NOON + 65_000);
    expect(together(NOON + 1_200, NOON)).toBe(NOON + 2_000);
    expect(together(NOON + 65_000, NOON)).toBe(NOON + 65_000);
  });
});

test("a formatter is made once, however often it is used", () => {
  const made = { date: 0, relative: 0 };
  const { DateTimeFormat, RelativeTimeFormat } = Intl;
  vi.spyOn(Intl, "DateTimeFormat").mockImplementation(function count(...given: ConstructorParameters<typeof DateTimeFormat>) {
    made.date += 1;
    return new DateTimeFormat(...given);
  } as never);
  vi.spyOn(Intl, "RelativeTimeFormat").mockImplementation(function count(...given: ConstructorParameters<typeof RelativeTimeFormat>) {
    made.relative += 1;
    return new RelativeTimeFormat(...given);
  } as never);
  for (let n = 0; n < 1000; n += 1) {
    relative(at(-n * 61), NOON, "en-AU");
    exact(at(-n), NOON, "en-AU", "Etc/GMT+3");
  }
  // One for the day that a moment is in, one for the time in it, and one with the day in front.
  expect(made.date).toBeLessThanOrEqual(3);
  expect(made.relative).toBe(1);
  vi.restoreAllMocks();
});
